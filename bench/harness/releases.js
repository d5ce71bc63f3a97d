import { join } from "node:path";
import { createIntermission } from "intermission";
import { sqliteStore } from "intermission/stores/sqlite";

/**
 * The environment of an instance whose release is the current one (`match`) or not, with its store in a file.
 */
export async function prepareReleases(folder) {
  const path = join(folder, "state.db");
  const store = sqliteStore({ path });
  const intermission = createIntermission({ store, release: "v1.1", refreshEvery: 0 });
  await intermission.createRelease("v1.1", { wait: false });
  await intermission.close();
  await store.close();
  const instance = (release) => ({ MAINTENANCE_STORE: `sqlite:${path}`, MAINTENANCE_PAGE_RELEASE: release });
  return { match: instance("v1.1"), mismatch: instance("v1.0") };
}
