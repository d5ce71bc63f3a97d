import { reasonOf } from "../core/errors.ts";
import type { Answers, JudgedAnswer, Totals } from "./answers.ts";
import type { Deploy } from "./deploy.ts";
import type { Machines, MachineView } from "./machines.ts";
import { actions, refusal, type Action, type Story } from "./story.ts";
import type { Terminal, TerminalLine } from "./terminal.ts";

/** Everything the panel shows. */
export interface StageView {
  readonly story: Story;
  readonly currentRelease: string | null;
  /** The action in progress. */
  readonly busy: Action | null;
  /** What went wrong with the last action. */
  readonly failure: string | null;
  /** Why an action makes no sense now. null: it does. */
  readonly refusals: Readonly<Record<Action, string | null>>;
  readonly machines: readonly (MachineView & { readonly totals: Totals })[];
  readonly answers: readonly JudgedAnswer[];
  readonly totals: Totals;
  readonly terminal: readonly TerminalLine[];
}

export interface ActionOutcome {
  readonly done: boolean;
  /** Whether it has begun. */
  readonly begun: boolean;
  readonly failure: string | null;
}

/** The demonstration as the panel sees it: one view, and one action at a time. */
export interface Stage {
  view(): StageView;
  /** Never rejects. */
  act(action: Action): Promise<ActionOutcome>;
  /** Settles when no action is in progress. */
  settled(): Promise<void>;
}

export interface StageParts {
  readonly deploy: Deploy;
  readonly machines: Machines;
  readonly answers: Answers;
  readonly terminal: Terminal;
  readonly onChange: () => void;
}

export function createStage({ deploy, machines, answers, terminal, onChange }: StageParts): Stage {
  let busy: Action | null = null;
  let failure: string | null = null;
  let performance = Promise.resolve();

  async function perform(action: Action): Promise<void> {
    busy = action;
    failure = null;
    onChange();
    try {
      await deploy.perform(action);
      if (action === "start-over") answers.clear();
    } catch (error) {
      failure = reasonOf(error);
    } finally {
      busy = null;
      machines.askVerdicts();
      onChange();
    }
  }

  return {
    view: () => ({
      story: deploy.story,
      currentRelease: deploy.currentRelease,
      busy,
      failure,
      refusals: Object.fromEntries(
        actions.map((action) => [action, refusal(deploy.story, action) ?? null]),
      ) as Record<Action, string | null>,
      machines: machines.views().map((machine) => ({ ...machine, totals: answers.totalsOf(machine.name) })),
      answers: answers.list(),
      totals: answers.totals(),
      terminal: terminal.lines(),
    }),

    async act(action) {
      const refused = busy === null ? refusal(deploy.story, action) : "Another action is still under way.";
      if (refused !== undefined) return { done: false, begun: false, failure: refused };
      performance = perform(action);
      await performance;
      return { done: failure === null, begun: true, failure };
    },

    settled: () => performance,
  };
}
