import type { ChildProcess } from "node:child_process";
import type { Verdict } from "../core/decide.ts";
import { reasonOf } from "../core/errors.ts";
import { startInstance, stopInstance, type InstanceProcess } from "./instance-process.ts";
import type { InstanceMessage, InstanceQuestion } from "./messages.ts";
import type { Backend } from "./switch.ts";

export type MachineStatus = "starting" | "running" | "crashed" | "given-up";

export interface MachineView {
  readonly name: string;
  readonly release: string;
  readonly status: MachineStatus;
  /** Whether the switch sends it visitors. */
  readonly inRotation: boolean;
  readonly processId: number | null;
  /** What a server error would get there. null: not known yet. */
  readonly verdict: Verdict | null;
  /** The last line of its log. */
  readonly log: string | null;
}

export interface MachinesOptions {
  /** The environment of a new instance of that release. */
  readonly environment: (release: string) => NodeJS.ProcessEnv;
  readonly onJudged: (requestId: string, verdict: Verdict) => void;
  readonly onChange: () => void;
}

/** The demonstration's machines: one instance each, as a real process. */
export interface Machines {
  /** Resolves when it is up. @throws Error if it does not start. */
  start(release: string, inRotation: boolean): Promise<void>;
  /** Makes the switch send visitors only to the machines of that release. */
  rotateOnly(release: string): void;
  rotate(release: string): void;
  /** Takes it out of rotation, then stops it. */
  stop(release: string): Promise<void>;
  /** Restarts each in turn with the current environment: the new process is up before the old one goes. */
  restartAll(): Promise<void>;
  stopAll(): Promise<void>;
  /** Stops all and prevents further starts. */
  close(): Promise<void>;
  /** Takes them in turn. */
  next(): Backend | undefined;
  count(release: string): number;
  /** Asks each what a server error would get. */
  askVerdicts(): void;
  views(): readonly MachineView[];
  processIds(): readonly number[];
}

interface Machine {
  readonly name: string;
  readonly release: string;
  status: MachineStatus;
  inRotation: boolean;
  instance: InstanceProcess | undefined;
  verdict: Verdict | null;
  log: string | null;
  crashes: number;
  restart: NodeJS.Timeout | undefined;
}

const maximumCrashes = 5;
/** Milliseconds before the first restart; doubles each time. */
const firstPause = 500;

export function createMachines({ environment, onJudged, onChange }: MachinesOptions): Machines {
  let machines: Machine[] = [];
  let made = 0;
  let turn = 0;
  let closed = false;
  const processes = new Set<ChildProcess>();

  async function launch(machine: Machine): Promise<void> {
    if (closed) throw new Error("The demonstration is being stopped.");
    const instance = await startInstance({
      environment: environment(machine.release),
      onProcess(child) {
        processes.add(child);
        child.once("exit", () => {
          processes.delete(child);
          if (machine.instance?.child === child) crashed(machine);
        });
      },
      onMessage(message: InstanceMessage) {
        if (message.type === "judged") onJudged(message.requestId, message.verdict);
        if (message.type === "verdict") {
          machine.verdict = message.verdict;
          onChange();
        }
      },
      onLog(line) {
        machine.log = line;
        onChange();
      },
    });
    if (!machines.includes(machine)) {
      await stopInstance(instance.child);
      return;
    }
    machine.instance = instance;
    machine.status = "running";
    ask(instance);
    onChange();
  }

  function crashed(machine: Machine): void {
    machine.instance = undefined;
    machine.verdict = null;
    machine.crashes++;
    machine.status = machine.crashes > maximumCrashes ? "given-up" : "crashed";
    if (machine.status === "crashed") {
      machine.restart = setTimeout(
        () => {
          machine.status = "starting";
          onChange();
          launch(machine).catch((error: unknown) => {
            machine.log = reasonOf(error);
            if (machines.includes(machine)) crashed(machine);
          });
        },
        firstPause * 2 ** (machine.crashes - 1),
      );
    }
    onChange();
  }

  async function remove(gone: readonly Machine[]): Promise<void> {
    machines = machines.filter((machine) => !gone.includes(machine));
    onChange();
    await Promise.all(
      gone.map(async (machine) => {
        clearTimeout(machine.restart);
        const { instance } = machine;
        machine.instance = undefined;
        if (instance !== undefined) await stopInstance(instance.child);
      }),
    );
  }

  async function stopAll(): Promise<void> {
    await remove(machines);
    await Promise.all([...processes].map(stopInstance));
    made = 0;
  }

  return {
    async start(release, inRotation) {
      made++;
      const name = `web-${String(made)}`;
      const machine: Machine = {
        name,
        release,
        status: "starting",
        inRotation,
        instance: undefined,
        verdict: null,
        log: null,
        crashes: 0,
        restart: undefined,
      };
      machines = [...machines, machine];
      onChange();
      try {
        await launch(machine);
      } catch (error) {
        await remove([machine]);
        throw new Error(`The machine ${name} did not start. ${machine.log ?? reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    rotateOnly(release) {
      for (const machine of machines) machine.inRotation = machine.release === release;
      onChange();
    },
    rotate(release) {
      for (const machine of machines) if (machine.release === release) machine.inRotation = true;
      onChange();
    },
    async stop(release) {
      await remove(machines.filter((machine) => machine.release === release));
    },
    async restartAll() {
      for (const machine of machines) {
        const before = machine.instance;
        // A machine that is down gets the new environment when it returns.
        if (before === undefined) continue;
        await launch(machine);
        await stopInstance(before.child);
      }
    },
    stopAll,
    async close() {
      closed = true;
      await stopAll();
    },
    next() {
      const ready = machines.filter((machine) => machine.inRotation && machine.instance !== undefined);
      const machine = ready[turn++ % ready.length];
      if (machine?.instance === undefined) return undefined;
      return { name: machine.name, release: machine.release, port: machine.instance.port };
    },
    count: (release) => machines.filter((machine) => machine.release === release).length,
    askVerdicts() {
      for (const { instance } of machines) if (instance !== undefined) ask(instance);
    },
    views: () =>
      machines.map(({ name, release, status, inRotation, instance, verdict, log }) => ({
        name,
        release,
        status,
        inRotation,
        processId: instance?.processId ?? null,
        verdict,
        log,
      })),
    processIds: () => [...processes].flatMap(({ pid }) => pid ?? []),
  };
}

function ask({ child }: InstanceProcess): void {
  const question: InstanceQuestion = { type: "verdict" };
  // An instance that is ending does not answer.
  if (child.connected) child.send(question, () => undefined);
}
