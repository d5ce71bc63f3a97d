import { actor } from "./actor.ts";
import { readVariable } from "../../core/release.ts";
import { systemClock } from "../../core/runtime.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { settingsTable } from "../../core/settings/table.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { openStore, redactUrl } from "../../stores/open.ts";
import { createIntermission } from "../../engine/create.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Store } from "../../core/ports.ts";
import type { Call, storeOptions } from "../arguments/command.ts";
import type { Output } from "../terminal/output.ts";

/** The store that was asked for, opened, and an intermission on it that does not watch. */
export interface Session {
  readonly intermission: Intermission;
  readonly store: Store;
  /** The store's URL without its password. */
  readonly address: string;
  /** The option or environment variable that named the store. Undefined: nothing did. */
  readonly storeSource: string | undefined;
}

/** A server that keeps a closing connection waiting must not keep the command. Milliseconds. */
const closeWithin = 250;

/** Opens a session, works in it, and closes it whatever happens. */
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
      storeSource: findSource(options.store, environment),
    });
  } finally {
    await closed(intermission, store);
  }
}

/** The store that was asked for, with its password. */
export function storeUrlOf({ options, environment }: Call<typeof storeOptions>): string {
  const { store } = resolveSettings({ store: options.store, app: options.app }, withoutTemplate(environment));
  return store as string;
}

/** A command shows no page, so that a template missing on this machine is no reason to refuse a rollback. */
function withoutTemplate(environment: Call["environment"]): Call["environment"] {
  return { ...environment, MAINTENANCE_TEMPLATE: undefined };
}

/** For who has written where no other machine looks, which is hardly what a deploy meant. */
export function noteReach({ storeSource, address }: Session, output: Output): void {
  if (/^memory:/i.test(address)) {
    output.note(
      "Note: the store memory: is this process's own, and ends with it. Name one that instances share.",
    );
  }
  if (storeSource !== undefined) return;
  output.note(
    `Note: no store was named (--store, MAINTENANCE_STORE, DATABASE_URL), so it was recorded in ${address}, which only this machine sees.`,
  );
}

function findSource(option: string | undefined, environment: Call["environment"]): string | undefined {
  if (option !== undefined) return "--store";
  return settingsTable.store.variables.find((name) => readVariable(environment, name) !== undefined);
}

async function closed(intermission: Intermission, store: Store): Promise<void> {
  // What can't be closed has done its work all the same, or has failed with a better message.
  const closing = Promise.allSettled([intermission.close(), store.close()]);
  await withTimeLimit(systemClock, closeWithin, closing).catch(() => undefined);
}
