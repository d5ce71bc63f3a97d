import { reasonOf } from "../core/errors.ts";
import type { Intermission } from "../core/intermission.ts";
import { readVariable, type Environment } from "../core/release.ts";
import { resolveSettings } from "../core/settings/resolve.ts";
import { createIntermission } from "../engine/create.ts";
import { watchProcess } from "../http/node/process.ts";
import { readyInTime } from "../http/ready-in-time.ts";

/*
 * `node --import intermission/auto server.js`: every HTTP server of the process gets the page, with settings
 * only from the environment. They are read when the process starts to serve: not before the app or its
 * launcher (PM2, dotenv) has filled the environment, and never in a process that serves nothing but got the
 * same `--import`: npm, a build, a worker thread.
 */

let intermission: Intermission | undefined;
/** The settings the intermission was made from. undefined: the process serves nothing yet. */
let madeFrom: string | undefined;

watchProcess({
  intermission() {
    // A server may be given connections without ever being told to listen.
    if (madeFrom === undefined) void begin();
    return intermission;
  },
  onListen: begin,
  onIdle() {
    intermission?.signOff();
  },
});

/**
 * Makes an intermission, unless one with the same settings exists: a `.env` may be loaded between two
 * servers.
 */
function begin(): Promise<void> | undefined {
  const environment = withoutUnusable(process.env);
  const settings = describeSettings(environment);
  if (settings === madeFrom) {
    intermission?.signOn();
    return undefined;
  }
  madeFrom = settings;
  void intermission?.close();
  intermission = create(environment);
  // No request waits for it.
  return intermission && readyInTime(intermission, 1000);
}

function create(environment: Environment): Intermission | undefined {
  try {
    return createIntermission({}, { environment });
  } catch (error) {
    warnOnce(`Nothing is masked in this process. ${reasonOf(error)}`);
    return undefined;
  }
}

/** Drops invalid settings: each is reported, and the process goes on as if it were not set. */
function withoutUnusable(environment: Environment): Environment {
  const usable: Record<string, string | undefined> = { ...environment };
  for (const name of Object.keys(usable)) {
    // Everything depends on the release and the store: a default in their place would be worse than none.
    if (!/^(?:DJANGO_)?MAINTENANCE_(?!STORE$|ENV_VAR$|PAGE_RELEASE)/.test(name)) continue;
    try {
      resolveSettings({}, { [name]: usable[name] });
    } catch (error) {
      warnOnce(`${name} is left out. ${reasonOf(error)}`);
      usable[name] = undefined;
    }
  }
  return usable;
}

function describeSettings(environment: Environment): string {
  try {
    // Parsed patterns have no text.
    return JSON.stringify([
      resolveSettings({}, environment),
      readVariable(environment, "MAINTENANCE_EXEMPT"),
    ]);
  } catch (error) {
    return reasonOf(error);
  }
}

const warned = new Set<string>();

function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  // eslint-disable-next-line no-console -- there is no logger before there are settings
  console.warn(`[intermission] ${message}`);
}
