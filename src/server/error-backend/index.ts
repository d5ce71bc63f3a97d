import { systemClock } from "../../core/runtime.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Clock, Store } from "../../core/ports.ts";
import { createAnswers } from "./answers.ts";
import { createAskedUpstreams } from "./asked-upstreams.ts";
import { createControl } from "./control.ts";
import { createMetrics } from "./metrics.ts";
import { openFolder } from "./folder.ts";
import { createOldReleases } from "../old-release.ts";
import { recordedIn } from "../release-header.ts";
import { openListener, type ListenAddress, type Listener } from "../listener.ts";
import { createGuess, isIntercepting } from "./guess.ts";
import type { Publication } from "./published-state.ts";
import { createPublisher } from "./publisher.ts";
import { createRunningReleases } from "./running-releases.ts";
import { createUpstreams } from "./upstreams.ts";

export type { ListenAddress } from "../listener.ts";

export interface ErrorBackendOptions {
  /** In the role of a proxy. Its maker closes it. */
  readonly intermission: Intermission;
  /** Its store, for the instances' reports. */
  readonly store: Pick<Store, "reports">;
  /** For errors. Answers on every path. */
  readonly listen: ListenAddress;
  /** For state, flag, metrics and health. */
  readonly control: ListenAddress;
  /** The header with the release of the instance that failed. */
  readonly releaseHeader: string;
  /** Releases by upstream address. */
  readonly upstreams: ReadonlyMap<string, string>;
  /** Upstreams that are asked directly. */
  readonly ask?: AskOptions | undefined;
  /** Learns each upstream's release from its answers. Safe only if visitors can't set the proxy's headers. */
  readonly learning: boolean;
  /** How long an earlier release may still answer, if nobody says. Milliseconds. */
  readonly window: number;
  /** The folder for files. Undefined: none. */
  readonly publish: string | undefined;
  /** Called when interception begins or ends. Must not throw. */
  readonly onChange?: (published: Publication) => void;
  readonly clock?: Clock;
}

export interface AskOptions {
  /** `HOST:PORT` or `unix:/PATH`, as the proxy writes them. */
  readonly addresses: readonly string[];
  /** The path to request, such as `/healthz`. */
  readonly path: string;
  /** The header in which they name their release. */
  readonly header: string;
}

export interface ErrorBackend {
  /** Such as `http://127.0.0.1:9200`. */
  readonly url: string;
  readonly controlUrl: string;
  readonly published: Publication;
  /** Shuts down gracefully: finishes answers in flight, for at most 10 s. */
  close(): Promise<void>;
}

/** Milliseconds. */
const drainFor = 10_000;

/**
 * The error backend of reverse proxies: decides whether an upstream's error becomes the page.
 *
 * @throws IntermissionError `listen-failed`; `bad-option`: the folder can't be published to.
 */
export async function startErrorBackend(options: ErrorBackendOptions): Promise<ErrorBackend> {
  const { intermission, store, window, learning, ask, clock = systemClock } = options;
  const folder = options.publish === undefined ? undefined : await openFolder(options.publish);
  const upstreams = createUpstreams({ registered: options.upstreams, learning, clock });
  const isRecorded = recordedIn(intermission);
  const reported = createRunningReleases({
    reports: store.reports,
    app: intermission.settings.app,
    ...{ isRecorded, clock },
  });
  const oldReleases = createOldReleases(intermission);
  const { heard } = oldReleases;
  const asked = createAskedUpstreams({
    addresses: ask?.addresses ?? [],
    path: ask?.path ?? "/",
    header: ask?.header.toLowerCase() ?? "",
    ...{ isRecorded, clock, heard },
  });
  const guess = createGuess({ upstreams, asked, reported, window });
  const intercepting = (): boolean => {
    const { settings, known } = intermission;
    return isIntercepting(settings, guess(undefined, known), known);
  };
  const metrics = createMetrics(intermission, {
    isIntercepting: intercepting,
    mismatchFor: () => oldReleases.mismatchFor,
  });
  const listeners: Listener[] = [];
  const stop = async (): Promise<void> => {
    reported.close();
    asked.close();
    metrics.stop();
    await Promise.all(listeners.map((listener) => listener.close(drainFor)));
  };

  try {
    // The record first: it tells a plain release name from an encoded one.
    await Promise.all([intermission.ready(), reported.start()]);
    await asked.start();
    const publisher = createPublisher({
      intermission,
      clock,
      isIntercepting: intercepting,
      folder,
      onChange: options.onChange ?? (() => {}),
    });
    const errors = await openListener(
      createAnswers({
        intermission,
        guess,
        upstreams,
        heard,
        read: { releaseHeader: options.releaseHeader.toLowerCase(), isRecorded },
      }),
      options.listen,
    );
    listeners.push(errors);
    const control = await openListener(createControl({ intermission, metrics, publisher }), options.control);
    listeners.push(control);
    // Only now: a published file promises that somebody answers.
    await publisher.start();
    return {
      url: errors.url,
      controlUrl: control.url,
      get published() {
        return publisher.published;
      },
      async close() {
        // First, so that proxies that rely on it stop asking.
        await publisher.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
