import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createIntermission } from "../engine/create.ts";
import type { Machines } from "./machines.ts";
import { lockStore } from "./store-lock.ts";
import { firstStory, rolledBack, steps, type Action, type Story } from "./story.ts";
import type { Terminal } from "./terminal.ts";
import type { Traffic } from "./traffic.ts";

export interface DeployOptions {
  /** An existing folder, for the guest book's database and the store. */
  readonly folder: string;
  readonly machines: Machines;
  readonly terminal: Terminal;
  readonly traffic: Traffic;
}

/** What the panel's buttons do. One at a time, which the caller ensures. */
export interface Deploy {
  readonly story: Story;
  /** The release that was current at the last successful read. null: none, or never read. */
  readonly currentRelease: string | null;
  /** A fresh guest book, v1.0 recorded in a fresh store, two machines. */
  begin(): Promise<void>;
  /** @throws Error if it fails. */
  perform(action: Action): Promise<void>;
  /** The store's file: a new one for each round. */
  storePath(): string;
  /** The environment of the demonstration's processes. */
  environment(release: string): NodeJS.ProcessEnv;
  end(): void;
}

const oldMachines = 2;
const commandLine = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const migration = fileURLToPath(new URL("./migration.js", import.meta.url));

export function createDeploy({ folder, machines, terminal, traffic }: DeployOptions): Deploy {
  let story = firstStory;
  let round = 0;
  let migrated = false;
  let currentRelease: string | null = null;
  let unlock: (() => void) | undefined;

  // A new folder for each round, because a process of the last round may still hold files open.
  const roundFolder = (): string => join(folder, String(round));
  const storePath = (): string => join(roundFolder(), "state.db");

  function environment(release: string): NodeJS.ProcessEnv {
    return {
      ...withoutSettings(process.env),
      MAINTENANCE_PAGE_RELEASE: release,
      MAINTENANCE_STORE: `sqlite:${storePath()}`,
      MAINTENANCE_RETRY_AFTER: "20",
      // Node 22 prints a warning about SQLite each time.
      NODE_NO_WARNINGS: "1",
      GUEST_BOOK: join(roundFolder(), "guest-book.db"),
      ...(story.manual ? { MAINTENANCE_MODE: "True" } : {}),
    };
  }

  async function intermission(release: string, ...verbs: readonly string[]): Promise<void> {
    await terminal.run({
      shown: `MAINTENANCE_PAGE_RELEASE=${release} npx intermission ${verbs.join(" ")}`,
      script: [commandLine, ...verbs],
      environment: environment(release),
    });
    await askCurrentRelease();
  }

  async function migrate(release: string, direction: "create" | "up" | "down"): Promise<void> {
    await terminal.run({
      shown: `node migration.js ${direction}`,
      script: [migration, direction],
      environment: environment(release),
    });
    migrated = direction === "up";
  }

  async function askCurrentRelease(): Promise<void> {
    const asking = createIntermission(
      { store: `sqlite:${storePath()}` },
      { environment: {}, watching: false },
    );
    try {
      currentRelease = (await asking.releases())[0]?.id ?? null;
    } finally {
      await asking.close();
    }
  }

  async function addMachines(release: string, count: number, inRotation: boolean): Promise<void> {
    while (machines.count(release) < count) await machines.start(release, inRotation);
  }

  async function rollBack(): Promise<void> {
    const { oldRelease, newRelease } = story;
    // In this order no raw error appears: while the old release can't read the database, it is not current.
    await addMachines(oldRelease, oldMachines, false);
    machines.rotateOnly(oldRelease);
    if (migrated) await migrate(oldRelease, "down");
    await intermission(oldRelease, "rollback");
    await machines.stop(newRelease);
    story = rolledBack(story);
  }

  async function setManual(manual: boolean): Promise<void> {
    story = { ...story, manual };
    await machines.restartAll();
  }

  async function performStep(step: (typeof steps)[number]): Promise<void> {
    const { oldRelease, newRelease } = story;
    switch (step) {
      case "make-machine":
        await addMachines(newRelease, 1, false);
        break;
      case "create-release":
        await intermission(newRelease, "create-release");
        break;
      case "migrate":
        if (!migrated) await migrate(newRelease, "up");
        machines.rotate(newRelease);
        break;
      case "replace":
        await addMachines(newRelease, 2, true);
        await machines.stop(oldRelease);
        break;
    }
    story = { ...story, stepsDone: steps.indexOf(step) + 1 };
  }

  async function begin(): Promise<void> {
    round++;
    const { traffic: hasTraffic } = story;
    story = { ...firstStory, traffic: hasTraffic };
    await mkdir(roundFolder());
    await migrate(story.oldRelease, "create");
    await intermission(story.oldRelease, "create-release", "--no-wait");
    await Promise.all(Array.from({ length: oldMachines }, () => machines.start(story.oldRelease, true)));
  }

  function startStore(): void {
    unlock?.();
    unlock = undefined;
    story = { ...story, storeStopped: false };
  }

  async function perform(action: Action): Promise<void> {
    switch (action) {
      case "roll-back":
        await rollBack();
        break;
      case "manual-on":
      case "manual-off":
        await setManual(action === "manual-on");
        break;
      case "stop-store":
        unlock = await lockStore(storePath());
        story = { ...story, storeStopped: true };
        break;
      case "start-store":
        startStore();
        await askCurrentRelease();
        break;
      case "traffic-on":
        traffic.start();
        story = { ...story, traffic: true };
        break;
      case "traffic-off":
        traffic.stop();
        story = { ...story, traffic: false };
        break;
      case "start-over":
        // Nobody should see a site without a running machine.
        traffic.stop();
        await machines.stopAll();
        startStore();
        terminal.clear();
        await begin();
        if (story.traffic) traffic.start();
        break;
      default:
        await performStep(action);
    }
  }

  return {
    get story() {
      return story;
    },
    get currentRelease() {
      return currentRelease;
    },
    begin,
    perform,
    storePath,
    environment,
    end: startStore,
  };
}

/** Settings in the user's shell are meant for their own app. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(?:DJANGO_)?MAINTENANCE_|^DATABASE_URL$/.test(name)),
  );
}
