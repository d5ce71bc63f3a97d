import { execFile, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { copyFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import Database from "libsql";
import { tryFaults } from "./matrix.ts";
import { unhindered, unreachable, unwritable, vanished } from "./faults.ts";
import { corruptedRecord, newerRecord } from "./record-strikes.ts";
import type { Place, Strike } from "./subject.ts";

/** There is no server, only the file. */
interface Nothing {
  stop(): Promise<void>;
}

const run = promisify(execFile);
const writer = join(import.meta.dirname, "sqlite-writer.js");

const fileOf = ({ folder }: Place): string => join(folder, "store", "state.db");

async function mount(folder: string, ...options: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await run("mount", [...options, folder]);
}

/** Whatever still has a file of it open. */
async function unmount(folder: string): Promise<void> {
  await run("umount", ["--lazy", folder]);
}

async function hold(place: Place, action: "immediate" | "exclusive"): Promise<ChildProcess> {
  const child = fork(writer, [fileOf(place), action], { env: {} });
  await once(child, "message");
  return child;
}

async function letGo(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.send("let go");
  await ended;
}

function lock(action: "immediate" | "exclusive"): Strike<Nothing>["begin"] {
  return async (_, place) => {
    const child = await hold(place, action);
    return () => letGo(child);
  };
}

const noNetwork = "There is no network: a file is on this machine.";
const locked = /database is locked\).*/;

tryFaults<Nothing>({
  name: "SQLite",
  first: 2,
  available: true,
  packageName: "",
  start: async () => ({ stop: async () => {} }),
  versionOf: async () => {
    const database = new Database(":memory:");
    const row = database.prepare("select sqlite_version() as version").get() as { readonly version: string };
    database.close();
    return row.version;
  },
  urlOf: (_, folder) => `sqlite:${join(folder, "store", "state.db")}`,
  strikes: {
    stopped: {
      how: "the file and its folder are moved away",
      consequence: vanished,
      begin: async (_, { folder }) => {
        await rename(join(folder, "store"), join(folder, "away"));
        return () => {};
      },
    },
    killed: {
      how: "another process is killed in the middle of a transaction, and leaves a hot journal",
      consequence: unhindered,
      begin: async (_, place) => {
        const child = fork(writer, [fileOf(place), "die"], { env: {} });
        await once(child, "exit");
        if ((await stat(`${fileOf(place)}-journal`)).size === 0) throw new Error("the journal is not hot");
        return () => {};
      },
      check: async (_, place) => {
        const names = await readdir(dirname(fileOf(place)));
        const left = names.filter((name) => name !== ".gitignore" && !name.startsWith("state.db-reports"));
        if (left.join() !== "state.db") throw new Error(`left behind: ${left.join()}`);
      },
    },
    paused: {
      how: "another process is frozen (SIGSTOP) with the file locked for itself, and ends 10 s later",
      says: locked,
      consequence: unreachable,
      begin: async (_, place) => {
        const child = await hold(place, "exclusive");
        child.kill("SIGSTOP");
        return async () => {
          child.kill("SIGCONT");
          await letGo(child);
        };
      },
    },
    silent: noNetwork,
    slow: noNetwork,
    reset: noNetwork,
    garbage: {
      how: "the file is overwritten with nonsense; put back",
      says: /not a database\).*/,
      begin: async (_, place) => {
        const [file, kept] = [fileOf(place), join(place.folder, "kept.db")];
        await copyFile(file, kept);
        await writeFile(file, "something else ".repeat(1000));
        return () => rename(kept, file);
      },
    },
    refused: "A file asks for no password.",
    crowded: "A file has no connections to run out of.",
    rowLocked: {
      how: "another process is in the middle of a write (`begin immediate`)",
      says: locked,
      consequence: unwritable,
      begin: lock("immediate"),
    },
    tableLocked: {
      how: "another process has the file locked for itself (`begin exclusive`)",
      says: locked,
      begin: lock("exclusive"),
    },
    readOnly: {
      how: "the file and its folder are mounted read-only",
      says: /readonly database\)\. Check that this process may write the file and its folder/,
      needsRoot: true,
      begin: async (_, { folder }) => {
        const store = join(folder, "store");
        await mount(store, "--bind", store);
        await run("mount", ["--options", "remount,bind,ro", store]);
        return () => unmount(store);
      },
    },
    full: {
      how: "the file is on a file system of 128 KiB, which something else has filled",
      says: /full\).*/,
      needsRoot: true,
      prepare: (_, { folder }) => mount(join(folder, "store"), "-t", "tmpfs", "-o", "size=128k", "tmpfs"),
      begin: async (_, { folder }) => {
        const ballast = join(folder, "store", "ballast");
        await writeFile(ballast, Buffer.alloc(1024 * 1024)).catch(() => {
          // As much as fits.
        });
        return () => rm(ballast);
      },
      clear: (_, { folder }) => unmount(join(folder, "store")),
    },
    tableMissing: {
      how: "`drop table intermission`",
      begin: async (_, place) => {
        const database = new Database(fileOf(place));
        database.exec("drop table intermission");
        database.close();
        return () => {};
      },
    },
    replaced: {
      how: "an empty file is moved into its place",
      begin: async (_, place) => {
        const empty = join(place.folder, "empty.db");
        await writeFile(empty, "");
        await rename(empty, fileOf(place));
        return () => {};
      },
    },
    newer: newerRecord,
    corrupted: corruptedRecord,
  },
});
