import { systemClock } from "../../core/clock.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Clock, Store } from "../../core/ports.ts";
import { createAnswers } from "./answers.ts";
import { createControl } from "./control.ts";
import { createExposition } from "./exposition.ts";
import { openFolder } from "./folder.ts";
import { openListener, type ListenAddress, type Listener } from "../listener.ts";
import { createPresumption, isIntercepting } from "./presumption.ts";
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
  /** Learns of each upstream's release from its answers. Only where visitors can't set the proxy's headers. */
  readonly learning: boolean;
  /** How long an earlier release may still answer, where no instance reports itself. Milliseconds. */
  readonly window: number;
  /** The folder for files. Undefined: none. */
  readonly publish: string | undefined;
  /** Told each time that interception begins or ends. Must not throw. */
  readonly onChange?: (published: Publication) => void;
  readonly clock?: Clock;
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
  const { intermission, store, window, learning, clock = systemClock } = options;
  const folder = options.publish === undefined ? undefined : await openFolder(options.publish);
  const upstreams = createUpstreams({ registered: options.upstreams, learning, clock });
  const running = createRunningReleases({
    reports: store.reports,
    app: intermission.settings.app,
    clock,
  });
  const presume = createPresumption({ upstreams, running, window });
  const intercepting = (): boolean => {
    const { settings, known } = intermission;
    return isIntercepting(settings, presume(undefined, known), known);
  };
  const exposition = createExposition(intermission, intercepting);
  const listeners: Listener[] = [];
  const stop = async (): Promise<void> => {
    running.close();
    exposition.stop();
    await Promise.all(listeners.map((listener) => listener.close(drainFor)));
  };

  try {
    await Promise.all([intermission.ready(), running.start()]);
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
        presume,
        upstreams,
        releaseHeader: options.releaseHeader.toLowerCase(),
      }),
      options.listen,
    );
    listeners.push(errors);
    const control = await openListener(
      createControl({ intermission, exposition, publisher }),
      options.control,
    );
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
