import { request, type IncomingMessage } from "node:http";
import type { Clock } from "../../core/ports.ts";
import { readReleaseHeader } from "../release-header.ts";

/** What upstreams answer when asked for their release. */
export interface AskedUpstreams {
  /** The releases that may answer at this address now. Undefined: it is not asked, or never said. */
  at(address: string): ReadonlySet<string> | undefined;
  /** The same for all upstreams together. */
  readonly running: ReadonlySet<string> | undefined;
  /** Resolves when each was asked once. */
  start(): Promise<void>;
  close(): void;
}

export interface AskedUpstreamsOptions {
  /** `HOST:PORT` or `unix:/PATH`, as the proxy writes them. */
  readonly addresses: readonly string[];
  /** The path to request. Any status will do. */
  readonly path: string;
  /** Lower-case name of the header with the release. */
  readonly header: string;
  readonly isRecorded: (release: string) => boolean;
  readonly clock: Clock;
  /** Called with each release that an upstream reports. */
  readonly heard: (release: string, address: string) => void;
}

/** Milliseconds between an upstream's answer and the next request. */
const askEvery = 1000;
const answerWithin = 1000;
/**
 * At one address two releases may answer at once: in a reload, old workers finish what they have begun. So
 * each counts for this long after it was heard. Milliseconds.
 */
const lingers = 5000;
/** An upstream silent for this long no longer counts if another answers. Milliseconds. */
const goneAfter = 120_000;
/** How much of an answer's body is read, so that the app does not see its visitor leave. Bytes. */
const maximumBody = 65_536;

interface Asked {
  /** When each release was last heard, latest last. */
  readonly said: Map<string, number>;
  heardAt: number;
}

export function createAskedUpstreams(options: AskedUpstreamsOptions): AskedUpstreams {
  const { addresses, path, header, isRecorded, clock, heard } = options;
  const asked = new Map<string, Asked>(
    addresses.map((address) => [address, { said: new Map(), heardAt: Number.NEGATIVE_INFINITY }]),
  );
  const pending = new Set<() => void>();
  let closed = false;

  async function ask(address: string, { said }: Asked): Promise<void> {
    try {
      const { headers } = await get(address, path);
      const sent = headers[header];
      const release = readReleaseHeader(typeof sent === "string" ? sent : sent?.join(), isRecorded);
      if (release === null || closed) return;
      said.delete(release);
      said.set(release, clock.now());
      (asked.get(address) as Asked).heardAt = clock.now();
      for (const [earlier, at] of said) if (clock.now() - at >= lingers) said.delete(earlier);
      heard(release, address);
    } catch {
      // Its last answer still counts: that is the release that now fails to answer.
    }
  }

  async function keepAsking(address: string, upstream: Asked): Promise<void> {
    await ask(address, upstream);
    if (closed) return;
    const cancel = clock.after(askEvery, () => {
      pending.delete(cancel);
      void keepAsking(address, upstream);
    });
    pending.add(cancel);
  }

  function now({ said }: Asked): readonly string[] {
    const entries = [...said];
    return entries.flatMap(([release, at], index) =>
      index === entries.length - 1 || clock.now() - at < lingers ? [release] : [],
    );
  }

  return {
    at(address) {
      const upstream = asked.get(address);
      return upstream === undefined || upstream.said.size === 0 ? undefined : new Set(now(upstream));
    },
    get running() {
      const heardOf = [...asked.values()].filter(({ said }) => said.size > 0);
      const there = heardOf.filter(({ heardAt }) => clock.now() - heardAt < goneAfter);
      const releases = (there.length === 0 ? heardOf : there).flatMap(now);
      return releases.length === 0 ? undefined : new Set(releases);
    },
    async start() {
      await Promise.all([...asked].map(([address, upstream]) => keepAsking(address, upstream)));
    },
    close() {
      closed = true;
      for (const cancel of pending) cancel();
    },
  };
}

/** Whether it can be asked: `HOST:PORT`, `[::1]:PORT` or `unix:/PATH`. */
export function isAddress(text: string): boolean {
  if (/^unix:\/[!-~]{1,100}$/.test(text)) return true;
  const port = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function get(address: string, path: string): Promise<IncomingMessage> {
  const colon = address.lastIndexOf(":");
  const where = address.startsWith("unix:")
    ? { socketPath: address.slice("unix:".length), headers: { host: "localhost" } }
    : { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
  return new Promise((resolve, reject) => {
    const asking = request({ ...where, path, agent: false, signal: AbortSignal.timeout(answerWithin) });
    asking.on("error", reject);
    asking.on("response", (answer) => {
      let left = maximumBody;
      answer.on("data", ({ byteLength }: Buffer) => {
        left -= byteLength;
        if (left < 0) asking.destroy();
      });
      answer.on("error", () => {
        // Only its header matters.
      });
      resolve(answer);
    });
    asking.end();
  });
}
