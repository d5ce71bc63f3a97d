import type { Intermission } from "../../core/intermission.ts";
import type { Clock } from "../../core/ports.ts";
import type { Counts } from "./counts.ts";
import type { Flusher } from "./flusher.ts";
import type { HeadOptions } from "./response-head.ts";
import type { Upstreams } from "./upstreams.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What every request of a gateway is handled with. */
export interface Context {
  readonly intermission: Intermission;
  readonly upstreams: Upstreams;
  readonly room: WaitingRoom;
  readonly counts: Counts;
  readonly flusher: Flusher;
  readonly clock: Clock;
  readonly head: HeadOptions;
  /** Milliseconds that a request may wait for an upstream. */
  readonly hold: number;
  /** Milliseconds of silence after which a tunnel is closed. */
  readonly idleTimeout: number;
}
