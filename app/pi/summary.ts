import { canbusSections } from '../printer-config/set-canbus.ts';
import { canSources } from './can-sources.ts';
import { chooseStack } from './choose-stack.ts';
import { unifiedDiff } from './diff.ts';
import { hatOverlays } from './hat.ts';
import type { LookedAt } from './pi-session.ts';
import { configTree } from './plan-printer.ts';
import type { PiPlan, PlanStep } from './plan-types.ts';
import { describeSource } from './rivals.ts';

/** Facts as plain values, to be shown and to be sent: no contents of files but what matters in them. */
export function summariseFacts({ facts, printer }: LookedAt, interfaceName: string) {
  const { stack, why } = chooseStack(facts, interfaceName, 'auto');
  const paths = [...new Set(facts.klipper.map(({ configPath }) => configPath))];
  const configs = paths.flatMap((path) => {
    const tree = configTree(facts, path);
    return tree === null
      ? []
      : [
          {
            path,
            files: tree.files.map((file) => file.path),
            boards: canbusSections(tree),
            problems: tree.problems.map(({ path: at, line, pattern, problem }) => ({
              path: at,
              line,
              pattern,
              problem,
            })),
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
      user: facts.user,
      sudo: facts.sudo,
      systemd: facts.systemd,
    },
    network: {
      gsUsb: facts.gsUsb,
      stack,
      why,
      interfaces: facts.interfaces,
      configuredBy: canSources(facts, interfaceName).map((source) => describeSource(source, interfaceName)),
      hat: hatOverlays(facts).map(({ path, line, text }) => ({ path, line, text })),
      usb: facts.usb,
    },
    klipper: {
      instances: facts.klipper,
      tree: facts.klipperTree,
      katapult: facts.katapultTree,
      moonraker: facts.moonraker,
      pythonCan: facts.pythonCan,
      configs,
      printer,
    },
    changes: facts.journals.map(({ id, state }) => ({ id, state })),
  };
}

export type FactsSummary = ReturnType<typeof summariseFacts>;

/** A step as plain values: a file with its whole difference, a command with its words. */
export function summariseStep(step: PlanStep) {
  switch (step.kind) {
    case 'file': {
      const { kind, path, reason, asRoot, before, after } = step;
      return { kind, path, reason, asRoot, diff: unifiedDiff(path, before, after) } as const;
    }
    case 'command': {
      const { kind, argv, reason, asRoot } = step;
      return { kind, argv: [...argv], reason, asRoot } as const;
    }
    case 'klipper': {
      const { kind, reason, asRoot, via, unit } = step;
      return { kind, reason, asRoot, via, unit } as const;
    }
  }
}

export function summarisePlan(plan: PiPlan) {
  const { stack, notes, blockers, goal } = plan;
  return {
    stack,
    steps: plan.steps.map(summariseStep),
    undo: [...plan.undo.before, ...plan.undo.after].map(summariseStep),
    notes,
    blockers,
    goal,
  };
}

export type PlanSummary = ReturnType<typeof summarisePlan>;
