import { actor } from "./actor.ts";
import { readVariable } from "../../core/release.ts";
import { systemClock } from "../../core/runtime.ts";
import { resolveSettings, storeVariable } from "../../core/settings/resolve.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { openStore, redactUrl } from "../../stores/open.ts";
import { createIntermission } from "../../engine/create.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Store } from "../../core/ports.ts";
import type { Call, storeOptions } from "../arguments/command.ts";

/** The selected store, opened, and an intermission on it that does not watch. */
export interface Session {
  readonly intermission: Intermission;
  readonly store: Store;
  /** The store's URL without its password. */
  readonly address: string;
  /** The option or environment variable that named the store. Undefined: none. */
  readonly storeSource: string | undefined;
  /** The kind of database in DATABASE_URL, if it can't be the store. */
  readonly leftAlone: string | undefined;
}

/** A server that delays closing must not delay the command. Milliseconds. */
const closeWithin = 250;

/** Opens a session, works in it, and always closes it. */
export async function withSession(
  { options, environment, output }: Call<typeof storeOptions>,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const withoutFiles = withoutTemplate(environment);
  const settings = resolveSettings({ store: options.store, app: options.app }, withoutFiles);
  const address = settings.store as string;
  const store = openStore(address);
  const logger = {
    warn: (message: string) => {
      output.note(message);
    },
    error: (message: string) => {
      output.note(message);
    },
  };
  const intermission = createIntermission(
    { store, app: settings.app, logger },
    { environment: withoutFiles, watching: false, by: actor() },
  );
  try {
    await work({
      intermission,
      store,
      address: redactUrl(address),
      storeSource: options.store === undefined ? storeVariable(environment) : "--store",
      leftAlone: leftAlone(environment),
    });
  } finally {
    await closed(intermission, store);
  }
}

/** The record's place, as the store states it after use: an absolute path, or a URL without its password. */
export function placeOf({ store, address }: Pick<Session, "store" | "address">): string {
  return store.place ?? address;
}

/** The selected store, with its password. */
export function storeUrlOf({ options, environment }: Call<typeof storeOptions>): string {
  const { store } = resolveSettings({ store: options.store, app: options.app }, withoutTemplate(environment));
  return store as string;
}

/** A command shows no page, so a template missing on this machine must not stop a rollback. */
function withoutTemplate(environment: Call["environment"]): Call["environment"] {
  return { ...environment, MAINTENANCE_TEMPLATE: undefined };
}

function leftAlone(environment: Call["environment"]): string | undefined {
  const url = readVariable(environment, "DATABASE_URL");
  return url === undefined || storeVariable({ DATABASE_URL: url }) !== undefined
    ? undefined
    : (/^[a-z][a-z0-9+.-]{0,30}:/i.exec(url)?.[0] ?? "no URL");
}

async function closed(intermission: Intermission, store: Store): Promise<void> {
  // If closing fails, the work was still done, or has failed with a better message.
  const closing = Promise.allSettled([intermission.close(), store.close()]);
  await withTimeLimit(systemClock, closeWithin, closing).catch(() => undefined);
}
