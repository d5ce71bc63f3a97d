import type { Intermission } from "../../core/intermission.ts";
import type { Clock } from "../../core/ports.ts";
import type { BacklogLimits, Storage } from "./backlog.ts";
import type { Counts } from "./counts.ts";
import type { Flusher } from "./flusher.ts";
import type { HeadOptions } from "./response-head.ts";
import type { Upstreams } from "./upstreams.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What the requests of one host are handled with. */
export interface Context extends SharedContext {
  readonly upstreams: Upstreams;
  readonly room: WaitingRoom;
}

/** What every request of a gateway is handled with. Times in milliseconds, sizes in bytes. */
export interface SharedContext {
  readonly intermission: Intermission;
  readonly counts: Counts;
  readonly flusher: Flusher;
  readonly clock: Clock;
  readonly head: HeadOptions;
  readonly storage: Storage;
  readonly bodyLimits: BacklogLimits;
  readonly answerLimits: BacklogLimits;
  readonly maximumBody: number;
  /** A body is taken in before an upstream is asked. */
  readonly buffersRequests: boolean;
  /** What an old upstream fails to answer is asked of one that runs the current release. */
  readonly heals: boolean;
  /** That a request may wait for an upstream. */
  readonly hold: number;
  readonly connectTimeout: number;
  /** Until an upstream's answer begins. */
  readonly timeout: number;
  /** Between two pieces of an answer. */
  readonly answerIdleTimeout: number;
  /** Of silence after which a tunnel is closed. */
  readonly idleTimeout: number;
  /** In which a visitor takes nothing of an answer. */
  readonly sendTimeout: number;
  /** In which nothing at all goes over a visitor's connection. */
  readonly silence: number;
}
