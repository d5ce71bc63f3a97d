import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { isPostgresAvailable } from "../servers/postgres.ts";
import { visit } from "../support/http.ts";
import { startProgram, type Program } from "./program.ts";
import { canImport, python } from "./python.ts";

const run = promisify(execFile);
const source = resolve(import.meta.dirname, "../../deploy/django/shop");
const accidents = resolve(import.meta.dirname, "python");

/** What the Django tests need on this machine. */
export const django = {
  available: isPostgresAvailable() && canImport("django, psycopg2, gunicorn"),
  packageName: "postgresql python3-django python3-psycopg2 gunicorn",
};

/** The example of deploy/django at one of its releases: `v1.0` still has the column that `v1.1` removes. */
export interface Shop {
  readonly release: string;
  /** Runs manage.py, like a deploy on a machine of this release. */
  manage(...words: readonly string[]): Promise<void>;
  /** Starts gunicorn on a port of this machine, and waits for its first answer. */
  serve(port: number): Promise<Program>;
}

export function createShop(
  release: "v1.0" | "v1.1",
  databaseUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Shop {
  const folder = mkdtempSync(join(tmpdir(), "intermission-django-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith("__pycache__") });
  if (release === "v1.0") {
    cpSync(join(accidents, "models_before.py"), join(folder, "orders/models.py"));
    rmSync(join(folder, "orders/migrations/0002_remove_order_note.py"));
  }
  const env = {
    DATABASE_URL: databaseUrl,
    DJANGO_SETTINGS_MODULE: "accident_settings",
    MAINTENANCE_PAGE_RELEASE: release,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONPATH: accidents,
    SECRET_KEY: "of no use elsewhere",
    ...settings,
  };
  return {
    release,
    async manage(...words) {
      await run(python, ["manage.py", ...words], { cwd: folder, env: { PATH: process.env["PATH"], ...env } });
    },
    async serve(port) {
      const bind = `127.0.0.1:${String(port)}`;
      const gunicorn = startProgram(python, ["-m", "gunicorn", "shop.wsgi"], {
        cwd: folder,
        env: { ...env, BIND: bind },
      });
      await gunicorn.until(/Listening at/);
      // Its workers import Django only now.
      await visit(`http://${bind}/health/`, { timeout: 60_000 });
      return gunicorn;
    },
  };
}
