/**
 * What a line of a script, unit or rule does with a CAN interface. Commands are recognised by their words: iproute2 takes
 * them in many orders (`ip link set up can0 type can bitrate 500000`, `ip l s can0 up`).
 */
export interface CanCommand {
  /** It brings the interface up, or starts what does. */
  readonly bringsUp: boolean;
  readonly bitrateBps: number | null;
  readonly txQueueLength: number | null;
}

const tools = /(?:^|[\s;&|("'=/`@+!:-])(ip|ifconfig|ifup|slcand|canconfig)(?=\s)/;

/**
 * The command of a line that is about the interface; null for any other line. `aliases` are words that stand for it
 * where the line is written: `%i` in a unit of an instance, `$name` in a udev rule.
 */
export function canCommand(
  line: string,
  interfaceName: string,
  aliases: readonly string[] = [],
): CanCommand | null {
  const tool = tools.exec(line)?.[1];
  if (tool === undefined || !names(line, [interfaceName, ...aliases])) return null;
  const queue = /\b(?:txqueuelen|txqlen|qlen)\s+(\d+)/.exec(line)?.[1];
  const rate = /\b(?:bitrate|bittiming)\s+(\d+)/.exec(line)?.[1];
  const words = line.split(/[\s"']+/);
  const bringsUp =
    tool === 'ip' || tool === 'ifconfig'
      ? words.includes('up') || /\btype\s+can\b/.test(line)
      : !/^\s*#/.test(line);
  if (!bringsUp && queue === undefined) return null;
  return {
    bringsUp,
    bitrateBps: rate === undefined ? null : Number(rate),
    txQueueLength: queue === undefined ? null : Number(queue),
  };
}

/** A line that takes the interface down and does nothing else with it. */
export function takesDown(line: string, interfaceName: string, aliases: readonly string[] = []): boolean {
  const tool = tools.exec(line)?.[1];
  if (tool !== 'ip' && tool !== 'ifconfig') return false;
  return names(line, [interfaceName, ...aliases]) && line.split(/[\s"';]+/).includes('down');
}

function names(line: string, all: readonly string[]): boolean {
  return all.some((name) => {
    const at = line.indexOf(name);
    if (at < 0) return false;
    // Not can01 or vcan0, but "$name" and can0; are.
    return new RegExp(`(^|[^A-Za-z0-9_-])${escaped(name)}($|[^A-Za-z0-9_-])`).test(line);
  });
}

/** For a regular expression. */
export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The line with another queue length; ifconfig, which old guides use, is often no longer installed. */
export function withQueueLength(line: string, txQueueLength: number): string {
  return line
    .replace(/(?:\/s?bin\/)?ifconfig\s+(\S+)\s+txqueuelen/, 'ip link set $1 txqueuelen')
    .replace(/(\b(?:txqueuelen|txqlen|qlen)\s+)\d+/, `$1${txQueueLength}`);
}
