import { expect, test } from "vitest";
import { midDeploy } from "../../test/support/deploy-window.ts";
import { serve } from "../../test/support/failing-listeners.ts";
import { visit } from "../../test/support/http.ts";
import { judgeResponse } from "./web/judge.ts";
import { createIntermission } from "../engine/create.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { readOriginalStatus } from "../core/decide.ts";

test("a masked response of Node keeps the status that the app sent", async () => {
  const intermission = await midDeploy();
  const seen: unknown[] = [];
  const url = await serve(intermission, (request, response) => {
    response.on("finish", () => seen.push([response.statusCode, intermission.originalStatus(response)]));
    response.writeHead(request.url === "/" ? 502 : 201).end();
  });
  await visit(url);
  await visit(`${url}/made`);
  expect(seen).toEqual([
    [503, 502],
    [201, 201],
  ]);
});

test("so does one whose verdict was waited for", async () => {
  const store = memoryStore();
  const other = createIntermission({ store }, { environment: {}, watching: false });
  await other.createRelease("v1.1", { wait: false });
  const intermission = createIntermission({ store, release: "v1.0" }, { environment: {}, watching: false });
  const seen: unknown[] = [];
  const url = await serve(intermission, (_, response) => {
    response.on("finish", () => seen.push([response.statusCode, intermission.originalStatus(response)]));
    response.writeHead(502).end();
  });
  await visit(url);
  expect(seen).toEqual([[503, 502]]);
});

test("so does one of the Fetch standard", async () => {
  const intermission = await midDeploy();
  const request = new Request("http://a.example/");
  const page = await judgeResponse(
    { request, frameworkRequest: request },
    new Response("x", { status: 500 }),
    intermission,
  );
  expect([page.status, intermission.originalStatus(page)]).toEqual([503, 500]);
});

test("what is no response has none", () => {
  for (const value of [undefined, null, 17, "response", {}])
    expect(readOriginalStatus(value)).toBeUndefined();
});
