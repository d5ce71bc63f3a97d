import type { Intermission } from "../../core/intermission.ts";
import type { Clock } from "../../core/ports.ts";
import type { BacklogLimits, Storage } from "./backlog.ts";
import type { Counts } from "./counts.ts";
import type { Flusher } from "./flusher.ts";
import type { HeadOptions } from "./response-head.ts";
import type { Upstreams } from "./upstreams.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What the requests for one host share. */
export interface Context extends SharedContext {
  readonly upstreams: Upstreams;
  readonly room: WaitingRoom;
}

/** What all requests of a gateway share. Times in milliseconds, sizes in bytes. */
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
  /** Receives a whole body before it asks an upstream. */
  readonly buffersRequests: boolean;
  /** Repeats what an old upstream failed on one that runs the current release. */
  readonly heals: boolean;
  /** How long a request may wait for an upstream. */
  readonly hold: number;
  readonly connectTimeout: number;
  /** Until an upstream's answer begins. */
  readonly timeout: number;
  /** Between two pieces of an answer. */
  readonly answerIdleTimeout: number;
  /** Of silence after which a tunnel is closed. */
  readonly idleTimeout: number;
  /** How long a visitor may accept nothing of an answer. */
  readonly sendTimeout: number;
  /** How long a visitor's connection may be silent in both directions. */
  readonly silence: number;
}
