import { join } from "node:path";
import express from "express";
import { onTestFinished } from "vitest";
import { decodeState } from "../../src/core/state/state.ts";
import { maintenancePage } from "../../src/frameworks/express/index.ts";
import type { Intermission, IntermissionOptions } from "../../src/index.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { openStore } from "../../src/stores/open.ts";
import { listen } from "./http.ts";
import { runCli, temporaryFolder } from "../cli/run-cli.ts";

export interface Report {
  readonly ok: boolean;
  readonly reason: string | null;
  readonly answers: readonly {
    readonly status: number;
    readonly contentType: string;
    readonly instance: { readonly release: string; readonly process: string; readonly role: string } | null;
  }[];
}

export interface Place {
  readonly cwd: string;
  readonly store: string;
}

export async function place(): Promise<Place> {
  const cwd = temporaryFolder();
  const store = `sqlite:${join(cwd, "state.db")}`;
  await runCli(["create-release", "v1.0", "--no-wait", "--store", store], { cwd });
  return { cwd, store };
}

export async function rehearse(
  { cwd, store }: Place,
  url: string,
  ...words: readonly string[]
): Promise<Report & { readonly exitCode: number | null }> {
  // SQLite announces changes within a second.
  const all = ["rehearse", url, "--json", "--store", store, "--wait", "6s", ...words];
  const { exitCode, stdout } = await runCli(all, { cwd });
  return { exitCode, ...(JSON.parse(stdout) as Report) };
}

export async function instance(store: string, options: IntermissionOptions = {}): Promise<Intermission> {
  const intermission = createIntermission({
    store,
    release: "v1.0",
    logger: { warn: () => undefined, error: () => undefined },
    ...options,
  });
  onTestFinished(() => intermission.close());
  await intermission.ready();
  return intermission;
}

/** An app that counts its requests. */
export async function expressApp(
  intermission: Intermission,
): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const app = express();
  app.use(maintenancePage({ intermission }));
  app.use((request, response) => {
    asked.push(request.url);
    response.set("Cache-Control", "max-age=60").send("the app");
  });
  return { url: await serve(app), asked };
}

export async function serve(listener: Parameters<typeof listen>[0]): Promise<string> {
  const running = await listen(listener);
  onTestFinished(() => running.close());
  return running.url;
}

export async function rehearsalsIn(store: string): Promise<unknown> {
  const opened = openStore(store);
  const { value } = await opened.read("default");
  await opened.close();
  return decodeState(value ?? "").rehearsals;
}
