import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Intermission } from "../../src/core/intermission.ts";
import { maintenancePage as fetchPage } from "../../src/frameworks/fetch/index.ts";
import { maintenancePage as nodePage } from "../../src/frameworks/node/index.ts";
import { midDeploy } from "../support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../support/http.ts";

/** The parts of an answer that depend on its language. */
interface Spoken {
  readonly language: string | undefined;
  readonly vary: string | undefined;
  readonly body: string;
}

let intermission: Intermission;
let server: RunningServer;
beforeAll(async () => {
  intermission = await midDeploy({ language: "fr" });
  server = await listen(
    nodePage(
      (_request, response) => {
        response.writeHead(500, { "content-language": "en" }).end("Oh no");
      },
      { intermission },
    ),
  );
});
afterAll(async () => {
  await server.close();
  await intermission.close();
});

async function overNode(headers: Record<string, string>): Promise<Spoken> {
  const answer = await visit(server.url, { headers });
  return {
    language: answer.headers["content-language"],
    vary: answer.headers.vary,
    body: answer.body,
  };
}

async function overFetch(headers: Record<string, string>): Promise<Spoken> {
  const handler = fetchPage(() => new Response("Oh no", { status: 500 }), { intermission });
  const answer = await handler(new Request("http://localhost/", { headers }));
  return {
    language: answer.headers.get("content-language") ?? undefined,
    vary: answer.headers.get("vary") ?? undefined,
    body: await answer.text(),
  };
}

describe.each([
  ["node:http", overNode],
  ["fetch", overFetch],
])("in the middle of a deploy, over %s, a visitor", (_name, ask) => {
  test("who reads Hebrew gets a page from right to left", async () => {
    const { language, vary, body } = await ask({ "accept-language": "iw-IL, en;q=0.5", accept: "text/html" });
    expect(language).toBe("he");
    expect(vary).toContain("Accept-Language");
    expect(body).toContain('<html lang="he" dir="rtl">');
    expect(body).toContain("נחזור בקרוב");
  });

  test("from Taiwan whose program asks for JSON is told in traditional characters", async () => {
    const { language, body } = await ask({ "accept-language": "zh-TW", accept: "application/json" });
    expect(language).toBe("zh-Hant");
    expect((JSON.parse(body) as { detail: string }).detail).toContain("請於 1 分鐘後再試一次。");
  });

  test("who says nothing gets the language of the site", async () => {
    const { language, body } = await ask({ accept: "text/plain" });
    expect(language).toBe("fr");
    expect(body).toContain("Merci de réessayer dans 1 minute.");
  });
});
