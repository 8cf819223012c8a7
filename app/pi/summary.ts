import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { includeProblemSchema } from '../printer-config/config-tree.ts';
import { canbusSections, canbusSectionSchema } from '../printer-config/set-canbus.ts';
import { canInterfaceSchema, usbDeviceOnPiSchema } from './can-interface.ts';
import { canSources } from './can-sources.ts';
import { chooseStack } from './choose-stack.ts';
import {
  gsUsbStates,
  moonrakerFactsSchema,
  printerFactsSchema,
  sourceTreeSchema,
  sudoAbilities,
} from './facts.ts';
import { hatOverlays } from './hat.ts';
import type { LookedAt } from './looked-at.ts';
import { configTree } from './config-trees.ts';
import { stacks } from './plan-types.ts';
import { printerAnswerSchema } from './printer-status.ts';
import { answerOf } from './printers-seen.ts';
import { describeSource } from './rivals.ts';

const text = z.string();
const maybeText = z.nullable(text);

/** Facts as plain values, to display and to send: not the contents of files, only what matters in them. */
export const factsSummarySchema = z.object({
  system: z.object({
    hostName: maybeText,
    os: maybeText,
    model: maybeText,
    kernel: maybeText,
    machine: maybeText,
    wordBits: z.nullable(z.int()),
    clockSkewSeconds: z.nullable(z.int()),
    user: text,
    sudo: z.enum(sudoAbilities),
    systemd: z.nullable(z.number()),
  }),
  network: z.object({
    gsUsb: z.enum(gsUsbStates),
    stack: z.nullable(z.enum(stacks)),
    why: text,
    interfaces: z.array(canInterfaceSchema),
    configuredBy: z.array(text),
    hat: z.array(z.object({ path: text, line: z.int(), text })),
    usb: z.array(usbDeviceOnPiSchema),
  }),
  klipper: z.object({
    printers: z.array(z.extend(printerFactsSchema, { answer: printerAnswerSchema })),
    tree: z.nullable(sourceTreeSchema),
    katapult: z.nullable(sourceTreeSchema),
    moonrakers: z.array(moonrakerFactsSchema),
    pythonCan: z.array(text),
    configs: z.array(
      z.object({
        path: text,
        files: z.array(text),
        boards: z.array(canbusSectionSchema),
        problems: z.array(includeProblemSchema),
      }),
    ),
  }),
  changes: z.array(z.object({ id: text, state: text })),
});

export type FactsSummary = Plain<z.infer<typeof factsSummarySchema>>;

export function summariseFacts({ facts, printers }: LookedAt, interfaceName: string): FactsSummary {
  const which = { interfaceName, pinToUsbSerial: null };
  const { stack, why } = chooseStack(facts, which, 'auto');
  const paths = [...new Set(facts.printers.map(({ configPath }) => configPath))];
  const configs = paths.flatMap((path) => {
    const tree = configTree(facts, path);
    return tree === null
      ? []
      : [
          {
            path,
            files: tree.files.map((file) => file.path),
            boards: canbusSections(tree),
            problems: tree.problems,
          },
        ];
  });
  return {
    system: {
      hostName: facts.hostName,
      os: facts.os,
      model: facts.model,
      kernel: facts.kernel,
      machine: facts.machine,
      wordBits: facts.wordBits,
      clockSkewSeconds: facts.clockSkewSeconds,
      user: facts.user,
      sudo: facts.sudo,
      systemd: facts.systemd,
    },
    network: {
      gsUsb: facts.gsUsb,
      stack,
      why,
      interfaces: facts.interfaces,
      configuredBy: canSources(facts, which).map((source) => describeSource(source, interfaceName)),
      hat: hatOverlays(facts).map(({ path, line, text }) => ({ path, line, text })),
      usb: facts.usb,
    },
    klipper: {
      printers: facts.printers.map((each) => ({ ...each, answer: answerOf(printers, each) })),
      tree: facts.klipperTree,
      katapult: facts.katapultTree,
      moonrakers: facts.moonrakers,
      pythonCan: facts.pythonCan,
      configs,
    },
    changes: facts.journals.map(({ id, state }) => ({ id, state })),
  };
}
