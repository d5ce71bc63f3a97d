import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IntermissionError, reasonOf } from "../core/errors.ts";
import { createAnswers } from "./answers.ts";
import { createConsoles, type ConsoleMaker } from "./consoles.ts";
import { createDeploy, type Deploy } from "./deploy.ts";
import { createMachines } from "./machines.ts";
import { isLoopbackHost } from "../http/headers.ts";
import { createPanel, panelPath } from "./panel.ts";
import { createStage } from "./stage.ts";
import { createSwitch } from "./switch.ts";
import { createTerminal } from "./terminal.ts";
import { createTraffic } from "./traffic.ts";

export interface DemonstrationOptions {
  /** 0: any free port. @default 4500, or the next that is free */
  readonly port?: number | undefined;
  /** Whether simulated visitors come from the start. @default true */
  readonly traffic?: boolean | undefined;
  /** Shows the stores of the deploys that are played. @default none: the panel has no link to it */
  readonly showConsole?: ConsoleMaker | undefined;
  /** Cancels the start. After that it does nothing: use {@link Demonstration.close}. */
  readonly signal?: AbortSignal | undefined;
}

export interface Demonstration {
  readonly siteAddress: string;
  readonly panelAddress: string;
  /** Holds all files of the demonstration; {@link close} removes it. */
  readonly folder: string;
  /** Of all its running processes. */
  processIds(): readonly number[];
  /** Ends every process, waits for that and removes the folder. Can be repeated. */
  close(): Promise<void>;
}

const firstPort = 4500;
const portsToTry = 100;
/** Milliseconds. */
const verdictEvery = 1000;

/**
 * A site on one port, with a panel under `/-/`. Everything in it is real: instances as processes, their
 * database, the switch, the store, the command line.
 *
 * @throws IntermissionError `bad-option` if the port is taken. Error if a process does not start.
 */
export async function startDemonstration(options: DemonstrationOptions = {}): Promise<Demonstration> {
  const stopping = new AbortController();
  const answers = createAnswers();
  const changed = (): void => {
    panel.changed();
  };
  const machines = createMachines({
    environment: (release) => deploy.environment(release),
    onJudged(requestId, verdict) {
      answers.judge(requestId, verdict);
      changed();
    },
    onChange: changed,
  });
  const siteSwitch = createSwitch({
    next: machines.next,
    record(answer) {
      answers.record(answer);
      changed();
    },
  });
  const terminal = createTerminal(stopping.signal, changed);

  const server = createServer((request, response) => {
    if (!isLoopbackHost(request.headers.host)) {
      response.writeHead(421, { "content-type": "text/plain" }).end("This site is for this machine only.\n");
    } else if (consoles?.handle(request, response) !== true && !panel.handle(request, response)) {
      siteSwitch.handle(request, response);
    }
  });
  const folder = await mkdtemp(join(tmpdir(), "intermission-demo-"));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  const port = await listen(server, options.port).catch(async (error: unknown) => {
    await removeFolder();
    throw error;
  });
  const siteAddress = `http://127.0.0.1:${String(port)}/`;
  const traffic = createTraffic(siteAddress);
  const deploy: Deploy = createDeploy({ folder, machines, terminal, traffic });
  const stage = createStage({ deploy, machines, answers, terminal, onChange: changed });
  const panel = createPanel(stage, options.showConsole !== undefined);
  const consoles = options.showConsole && createConsoles(options.showConsole, deploy.storePath);
  // The question refreshes an instance's snapshot, just as an error there would.
  const verdicts = setInterval(() => {
    if (panel.isWatched) machines.askVerdicts();
  }, verdictEvery);

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    clearInterval(verdicts);
    stopping.abort();
    panel.close();
    const consolesClosed = consoles?.close();
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    await Promise.all([machines.close(), consolesClosed]);
    await stage.settled();
    traffic.stop();
    siteSwitch.close();
    server.closeAllConnections();
    await closed;
    deploy.end();
    await removeFolder();
  }

  const demonstration: Demonstration = {
    siteAddress,
    panelAddress: new URL(panelPath, siteAddress).href,
    folder,
    processIds: () => [...machines.processIds(), ...terminal.processIds()],
    close: () => (closing ??= close()),
  };

  const giveUp = (): void => void demonstration.close();
  options.signal?.addEventListener("abort", giveUp);
  try {
    options.signal?.throwIfAborted();
    await deploy.begin();
    options.signal?.throwIfAborted();
    if (options.traffic !== false) await deploy.perform("traffic-on");
  } catch (error) {
    await demonstration.close();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", giveUp);
  }
  return demonstration;
}

async function listen(server: Server, port: number | undefined): Promise<number> {
  if (port !== undefined) {
    const result = await tryToListen(server, port);
    if (typeof result === "number") return result;
    throw new IntermissionError("bad-option", {
      problem: `The port ${String(port)} can't be used (${reasonOf(result)})`,
      remedy: "Name another with --port, or leave it out.",
      cause: result,
    });
  }
  for (let candidate = firstPort; candidate < firstPort + portsToTry; candidate++) {
    const result = await tryToListen(server, candidate);
    if (typeof result === "number") return result;
  }
  return listen(server, 0);
}

function tryToListen(server: Server, port: number): Promise<number | Error> {
  return new Promise((resolve) => {
    const onError = (error: Error): void => {
      resolve(error);
    };
    server.once("error", onError);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
