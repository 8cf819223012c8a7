import { Command } from 'commander';

/** A command that names every missing option at once, not one in each try. */
export class StrictCommand extends Command {
  override createCommand(name?: string): Command {
    return new StrictCommand(name);
  }

  /** Commander 14 calls this, which its types do not show, for the first missing option and stops there. */
  missingMandatoryOptionValue(): never {
    const missing = this.options.filter(
      (option) => option.mandatory && this.getOptionValue(option.attributeName()) === undefined,
    );
    const flags = missing.map((option) => `'${option.flags}'`);
    const [only = ''] = flags;
    const what =
      flags.length === 1
        ? `required option ${only} not specified`
        : `required options not specified: ${flags.join(', ')}`;
    this.error(`error: ${what}`, { code: 'commander.missingMandatoryOptionValue' });
  }
}
