import { onTestFinished } from "vitest";
import type { Intermission } from "../../src/core/intermission.ts";
import type { IntermissionOptions, MaskedError } from "../../src/core/settings/options.ts";
import type { Store } from "../../src/core/ports.ts";
import { createIntermission } from "../../src/engine/create.ts";
import {
  startErrorBackend,
  type ErrorBackend,
  type ErrorBackendOptions,
} from "../../src/server/error-backend/index.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";
import { visit, type Answer } from "./http.ts";

const anyPort = { host: "127.0.0.1", port: 0 };

/** An error backend and its client. */
export interface BackendStage {
  readonly intermission: Intermission;
  readonly backend: ErrorBackend;
  readonly masked: readonly MaskedError[];
  /** Sends a request like a proxy. */
  ask(
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
    body?: string,
  ): Promise<Answer>;
  control(path: string): Promise<Answer>;
}

export interface BackendStageOptions extends Partial<ErrorBackendOptions> {
  readonly store?: Store;
  readonly settings?: IntermissionOptions;
}

/** Starts one on free ports until the test ends. */
export async function startBackend({
  store = memoryStore(),
  settings,
  ...options
}: BackendStageOptions = {}): Promise<BackendStage> {
  const masked: MaskedError[] = [];
  const intermission = createIntermission(
    {
      ...{ store, exempt: ["/health"], logger: { warn: () => {}, error: () => {} } },
      onMasked: (error) => masked.push(error),
      ...settings,
    },
    { environment: {}, role: "proxy" },
  );
  onTestFinished(() => intermission.close());
  const backend = await startErrorBackend({
    ...{ intermission, store, listen: anyPort, control: anyPort, releaseHeader: "X-Upstream-Release" },
    ...{ upstreams: new Map<string, string>(), learning: false, window: 0, publish: undefined },
    ...options,
  });
  onTestFinished(() => backend.close());
  return {
    intermission,
    backend,
    masked,
    ask: (path, headers = {}, method = "GET", body) =>
      visit(`${backend.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) }),
    control: (path) => visit(`${backend.controlUrl}${path}`),
  };
}

/** v1.0 is out, v1.1 is current. */
export async function startBackendInDeploy(options?: BackendStageOptions): Promise<BackendStage> {
  const stage = await startBackend(options);
  for (const release of ["v1.0", "v1.1"]) await stage.intermission.createRelease(release, { wait: false });
  return stage;
}
