import { systemClock } from "../../core/runtime.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Clock, Store } from "../../core/ports.ts";
import { createAnswers } from "./answers.ts";
import { createAskedUpstreams } from "./asked-upstreams.ts";
import { createControl } from "./control.ts";
import { createMetrics } from "./metrics.ts";
import { openFolder } from "./folder.ts";
import { createOldReleaseWarner } from "../old-release.ts";
import { recordedIn } from "../release-header.ts";
import { openListener, type ListenAddress, type Listener } from "../listener.ts";
import { createGuess, isIntercepting } from "./guess.ts";
import type { Publication } from "./published-state.ts";
import { createPublisher } from "./publisher.ts";
import { createRunningReleases } from "./running-releases.ts";
import { createUpstreams } from "./upstreams.ts";

export type { ListenAddress } from "../listener.ts";

export interface ErrorBackendOptions {
  /** In the role of a proxy. Closed by its maker. */
  readonly intermission: Intermission;
  /** Its store, for the reports of the instances. */
  readonly store: Pick<Store, "reports">;
  /** For errors. Every path is answered there. */
  readonly listen: ListenAddress;
  /** For state, flag, metrics and health. */
  readonly control: ListenAddress;
  /** Name of the header with the release of the instance that failed. */
  readonly releaseHeader: string;
  /** Releases by the address of their upstream. */
  readonly upstreams: ReadonlyMap<string, string>;
  /** Upstreams that are asked themselves. */
  readonly ask?: AskOptions | undefined;
  /** Learns of each upstream's release from its answers. Only where visitors can't set the proxy's headers. */
  readonly learning: boolean;
  /** How long an earlier release may still answer, where nobody says. Milliseconds. */
  readonly window: number;
  /** The folder for files. Undefined: none. */
  readonly publish: string | undefined;
  /** Told each time that interception begins or ends. Must not throw. */
  readonly onChange?: (published: Publication) => void;
  readonly clock?: Clock;
}

export interface AskOptions {
  /** `HOST:PORT` or `unix:/PATH`, as the proxy writes them. */
  readonly addresses: readonly string[];
  /** What they are asked for, such as `/healthz`. */
  readonly path: string;
  /** Name of the header in which they say their release. */
  readonly header: string;
}

export interface ErrorBackend {
  /** Such as `http://127.0.0.1:9200`. */
  readonly url: string;
  readonly controlUrl: string;
  readonly published: Publication;
  /** Ends in good order: answers what is under way for 10 s at the most. */
  close(): Promise<void>;
}

/** Milliseconds. */
const drainFor = 10_000;

/**
 * The error backend of reverse proxies: says whether an error of an upstream is to become the page.
 *
 * @throws IntermissionError `listen-failed`; `bad-option`: the folder can't be published to.
 */
export async function startErrorBackend(options: ErrorBackendOptions): Promise<ErrorBackend> {
  const { intermission, store, window, learning, ask, clock = systemClock } = options;
  const folder = options.publish === undefined ? undefined : await openFolder(options.publish);
  const upstreams = createUpstreams({ registered: options.upstreams, learning, clock });
  const reported = createRunningReleases({
    reports: store.reports,
    app: intermission.settings.app,
    clock,
  });
  const isRecorded = recordedIn(intermission);
  const heard = createOldReleaseWarner(intermission);
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
  const metrics = createMetrics(intermission, intercepting);
  const listeners: Listener[] = [];
  const stop = async (): Promise<void> => {
    reported.close();
    asked.close();
    metrics.stop();
    await Promise.all(listeners.map((listener) => listener.close(drainFor)));
  };

  try {
    // The record first: by it a release's name is told from an encoded one.
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
    // Only now: a file says that somebody answers.
    await publisher.start();
    return {
      url: errors.url,
      controlUrl: control.url,
      get published() {
        return publisher.published;
      },
      async close() {
        // First of all, so that proxies that go by it stop asking.
        await publisher.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
