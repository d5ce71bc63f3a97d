import { describe, expect, test } from "vitest";
import { ask, bearer, form, putReport, start, store, type Answer } from "../../../test/support/console.ts";
import type { ConsoleServer } from "./index.ts";

describe("a change", () => {
  const send = (running: ConsoleServer, name: string, body: string): Promise<Answer> =>
    ask(running, `/actions/${name}`, { method: "POST", ...bearer, ...form, body });

  test("is explained in numbers first, then made, in the name of whoever made it", async () => {
    await putReport("web-1", "v1.1");
    await putReport("web-2", "v1.0");
    const running = await start();
    const before = await ask(running, "/actions/rollback?release=v1.0", bearer);
    expect(before.body).toContain("Server errors of 1 of 2 instances get the page");
    const done = await send(running, "rollback", "release=v1.0");
    expect(done.status).toBe(303);
    const board = await ask(running, "/?done=rollback", bearer);
    expect(board.body).toContain("Done: roll back.");
    expect(board.body).toMatch(/the console<\/td><td>Rolled back to <code>v1.0/);
  });

  test("to manual mode shows the very page, and a link that works once it is on", async () => {
    const running = await start();
    const asked = await ask(running, "/actions/on?mode=closed&message=Back+at+noon", bearer);
    expect(asked.body).toContain("Every visitor gets the page");
    const [, address = ""] = /<iframe[^>]* src="\.\.([^"]+)"/.exec(asked.body) ?? [];
    const preview = await ask(running, address.replaceAll("&amp;", "&"), bearer);
    expect(preview.body).toContain("Back at noon");
    expect(preview.headers["x-maintenance"]).toBe("closed");

    const on = await send(running, "on", "mode=closed&message=Back+at+noon&paths=%2Fadmin%2F**");
    expect(on.body).toMatch(/\?intermission-bypass=[\w.-]{20,}/);
    expect((await ask(running, "/", bearer)).body).toContain("The site is closed");
    await send(running, "off", "");
    expect((await ask(running, "/", bearer)).body).toContain("Off: the releases decide.");
  });

  test.each([
    ["create-release", "release=%24GIT_SHA", "GIT_SHA"],
    ["create-release", "release=v1.0", "was current before"],
    ["create-release", "", "is empty"],
    ["rollback", "release=v9", "v9"],
    ["on", "mode=errors&back=tomorrow", "a duration"],
    ["on", "mode=errors&addresses=nowhere", "nowhere"],
    ["end-deploy", "outcome=failed", "deploy"],
  ])("that can't be made is said to be none, and nothing is lost: %s %s", async (name, body, said) => {
    const running = await start();
    const { version } = await store.read("default");
    const answer = await send(running, name, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatch(new RegExp(`role="alert">[^<]*${said.replace("$", "\\$")}`));
    expect((await store.read("default")).version).toBe(version);
  });

  test("that is no form, or too long, is refused", async () => {
    const running = await start();
    expect((await send(running, "off", "x".repeat(20_000))).status).toBe(413);
    const json = { method: "POST", ...bearer, "content-type": "application/json", body: "{}" };
    expect((await ask(running, "/actions/off", json)).status).toBe(413);
  });
});
