import type { OpenDeploy } from "./state.ts";

/** An open deploy without its secrets. */
export interface DeployStatus {
  readonly release: string;
  /** Who opened it. null: unknown. */
  readonly by: string | null;
  /** The store's time, in milliseconds since 1970; so is the next. */
  readonly openedAt: number;
  readonly leaseUntil: number;
  /** Milliseconds. 0: its lease ran out before it was closed, so it is lost and masks nothing. */
  readonly leaseLeft: number;
}

/** @param now The store's time, in milliseconds since 1970. */
export function toDeployStatus({ release, by, openedAt, leaseUntil }: OpenDeploy, now: number): DeployStatus {
  return {
    release,
    by: by ?? null,
    openedAt,
    leaseUntil,
    leaseLeft: Math.max(0, Math.round(leaseUntil - now)),
  };
}
