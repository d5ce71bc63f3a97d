import {
  createIntermission,
  memoryStore,
  type Intermission,
  type IntermissionOptions,
} from "../../src/index.ts";

export const silentLogger = { warn: () => undefined, error: () => undefined };

/** The intermission of an instance on v1.0 whose store has recorded `current`. */
export async function intermissionAt(
  current: string | undefined,
  options: IntermissionOptions = {},
): Promise<Intermission> {
  const intermission = createIntermission(
    { store: memoryStore(), release: "v1.0", logger: silentLogger, ...options },
    { environment: {} },
  );
  await intermission.ready();
  if (current !== undefined) await intermission.createRelease(current, { wait: false });
  return intermission;
}

/** An old instance during a deploy: its errors become the page. */
export const midDeploy = (options?: IntermissionOptions): Promise<Intermission> =>
  intermissionAt("v1.1", options);

/** An instance that runs the current release: its errors are regular. */
export const settled = (options?: IntermissionOptions): Promise<Intermission> =>
  intermissionAt("v1.0", options);
