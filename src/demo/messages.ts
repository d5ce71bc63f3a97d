import type { Verdict } from "../core/decide.ts";

/** What an instance tells the demonstration, over the channel of `child_process.fork`. */
export type InstanceMessage =
  | { readonly type: "listening"; readonly port: number }
  /** The verdict on one of its errors; `requestId` is the request's `x-request-id`. */
  | { readonly type: "judged"; readonly requestId: string; readonly verdict: Verdict }
  /** What a server error would get now. */
  | { readonly type: "verdict"; readonly verdict: Verdict };

/** The demonstration's question to an instance. */
export interface InstanceQuestion {
  readonly type: "verdict";
}
