import type { OpenDeploy } from "./state.ts";

/** An open deploy as everybody may see it. */
export interface DeployStatus {
  readonly release: string;
  /** Who opened it. null: unknown. */
  readonly by: string | null;
  /** The store's time, in milliseconds since 1970, like the one that follows. */
  readonly openedAt: number;
  readonly leaseUntil: number;
  /** Milliseconds. 0: it was never closed and its lease ran out, so that it counts as lost and masks nothing. */
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
