/** The deploy's steps, in order. */
export const steps = ["make-machine", "create-release", "migrate", "replace"] as const;
export type Step = (typeof steps)[number];

export const stepTitles: Readonly<Record<Step, string>> = {
  "make-machine": "Make the new machine",
  "create-release": "Create release",
  migrate: "Run the migration",
  replace: "Replace the old machines",
};

export const actions = [
  ...steps,
  "roll-back",
  "manual-on",
  "manual-off",
  "stop-store",
  "start-store",
  "traffic-on",
  "traffic-off",
  "start-over",
] as const;
export type Action = (typeof actions)[number];

/** How far the person at the panel is. */
export interface Story {
  /** How many steps are done, 0 to 4. */
  readonly stepsDone: number;
  /** The release the deploy replaces. */
  readonly oldRelease: string;
  /** The release it brings up. */
  readonly newRelease: string;
  readonly manual: boolean;
  readonly storeStopped: boolean;
  readonly traffic: boolean;
}

export const firstStory: Story = {
  stepsDone: 0,
  oldRelease: "v1.0",
  newRelease: "v1.1",
  manual: false,
  storeStopped: false,
  traffic: false,
};

export function isAction(name: string): name is Action {
  return (actions as readonly string[]).includes(name);
}

/** Why an action makes no sense now. undefined: it does. */
export function refusal(story: Story, action: Action): string | undefined {
  switch (action) {
    case "make-machine":
    case "create-release":
    case "migrate":
    case "replace":
      return stepRefusal(story, action);
    case "roll-back":
      if (story.stepsDone < steps.indexOf("migrate")) return `${story.newRelease} is not released yet.`;
      return story.storeStopped ? "The store is locked: the rollback could not be recorded." : undefined;
    case "manual-on":
      return story.manual ? "Manual mode is on." : undefined;
    case "manual-off":
      return story.manual ? undefined : "Manual mode is off.";
    case "stop-store":
      return story.storeStopped ? "The store is locked." : undefined;
    case "start-store":
      return story.storeStopped ? undefined : "The store is in reach.";
    case "traffic-on":
      return story.traffic ? "The traffic is on." : undefined;
    case "traffic-off":
      return story.traffic ? undefined : "The traffic is off.";
    case "start-over":
      return undefined;
  }
}

/**
 * The story after a rollback: the next attempt needs a new release, because a store records each only once.
 */
export function rolledBack(story: Story): Story {
  const minor = Number(story.newRelease.split(".")[1]);
  return { ...story, stepsDone: 0, newRelease: `v1.${String(minor + 1)}` };
}

function stepRefusal({ stepsDone }: Story, step: Step): string | undefined {
  const index = steps.indexOf(step);
  if (index < stepsDone) return "Done.";
  const next = steps[stepsDone];
  return index === stepsDone || next === undefined ? undefined : `First: ${stepTitles[next]}.`;
}
