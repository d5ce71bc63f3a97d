import { createServer } from "node:http";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { maintenancePage } from "../../src/frameworks/node/index.ts";
import { runCli } from "../cli/run-cli.ts";
import { expressApp, instance, place, serve, type Place } from "../support/rehearsal.ts";
import { describeInChromium, minute } from "./chromium.ts";

// It starts a browser of its own.
const patience = minute;

interface Rehearsal {
  readonly reason: string | null;
  readonly screenshot: { readonly file: string | null; readonly problem: string | null };
}

/** A browser takes long to start on a busy machine. */
async function takePicture(
  { cwd, store }: Place,
  url: string,
): Promise<Rehearsal & { readonly exitCode: number | null }> {
  const words = ["rehearse", url, "--json", "--store", store, "--screenshot", "page.png"];
  const { exitCode, stdout } = await runCli(words, { cwd, killAfter: patience });
  return { exitCode, ...(JSON.parse(stdout) as Rehearsal) };
}

describeInChromium("rehearse --screenshot", (stage) => {
  /** The share of equal pixels in two pictures, and the first one's size. */
  async function compare(
    one: Buffer,
    other: Buffer,
  ): Promise<{ readonly width: number; readonly height: number; readonly equal: number }> {
    const page = await stage.newPage();
    return page.evaluate(
      async (sources) => {
        const scope = globalThis as unknown as {
          createImageBitmap(blob: Blob): Promise<{ width: number; height: number }>;
          OffscreenCanvas: new (
            width: number,
            height: number,
          ) => {
            getContext(kind: "2d"): {
              drawImage(bitmap: unknown, x: number, y: number): void;
              getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
            };
          };
        };
        const pictures = await Promise.all(
          sources.map(async (source) => {
            const bitmap = await scope.createImageBitmap(await (await fetch(source)).blob());
            const context = new scope.OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
            context.drawImage(bitmap, 0, 0);
            const { width, height } = bitmap;
            return { width, height, data: context.getImageData(0, 0, width, height).data };
          }),
        );
        const [first, second] = pictures as [(typeof pictures)[0], (typeof pictures)[0]];
        let equal = 0;
        for (let index = 0; index < first.data.length; index += 4)
          if ([0, 1, 2].every((part) => first.data[index + part] === second.data[index + part])) equal += 1;
        return { width: first.width, height: first.height, equal: equal / (first.data.length / 4) };
      },
      [one, other].map((picture) => `data:image/png;base64,${picture.toString("base64")}`),
    );
  }

  async function photograph(url: string): Promise<Buffer> {
    const page = await stage.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    return page.screenshot();
  }

  test(
    "saves the page as a visitor's browser would draw it, and nothing but that",
    async () => {
      const here = await place();
      const { url, asked } = await expressApp(await instance(here.store));
      const { exitCode, screenshot } = await takePicture(here, url);
      const file = join(here.cwd, "page.png");
      expect({ exitCode, screenshot }).toEqual({ exitCode: 0, screenshot: { file, problem: null } });
      expect(readdirSync(here.cwd).filter((name) => !name.startsWith("state.db"))).toEqual(["page.png"]);
      // Only the requests of the rehearsal itself.
      expect(asked.every((path) => path.includes("intermission-rehearsal"))).toBe(true);

      const window = await instance(here.store, { release: "v0.9" });
      const failing = await serve(
        createServer(
          maintenancePage((_, response) => response.writeHead(500).end(), { intermission: window }),
        ),
      );
      const same = await compare(readFileSync(file), await photograph(failing));
      expect(same).toMatchObject({ width: 1280, height: 800 });
      const other = await compare(readFileSync(file), await photograph(url));
      // The page's live line changes with the seconds.
      expect(
        { same: same.equal > 0.95, other: other.equal < 0.5 },
        `${String(same.equal)} ${String(other.equal)}`,
      ).toEqual({ same: true, other: true });
    },
    patience,
  );

  test(
    "loads what the page refers to from the site, without the token",
    async () => {
      const here = await place();
      writeFileSync(
        join(here.cwd, "page.html"),
        "<!doctype html><title>Soon</title><link rel=stylesheet href=/style.css><body>",
      );
      const intermission = createIntermission({
        store: here.store,
        release: "v1.0",
        template: join(here.cwd, "page.html"),
        logger: { warn: () => undefined, error: () => undefined },
      });
      await intermission.ready();
      const tokens: unknown[] = [];
      const handler = maintenancePage(
        (request, response) => {
          if (request.url === "/style.css") {
            tokens.push(request.headers["x-intermission-rehearsal"]);
            response.setHeader("content-type", "text/css").end("body { background: rgb(0, 128, 0) }");
          } else response.end("the app");
        },
        { intermission },
      );
      const url = await serve(createServer(handler));
      const { exitCode, reason } = await takePicture(here, url);
      await intermission.close();
      expect({ exitCode, reason, tokens }).toEqual({ exitCode: 0, reason: null, tokens: [undefined] });
      const green = await stage.newPage({ viewport: { width: 1280, height: 800 } });
      await green.setContent("<body style='background: rgb(0, 128, 0)'>");
      const { equal } = await compare(readFileSync(join(here.cwd, "page.png")), await green.screenshot());
      expect(equal).toBe(1);
    },
    patience,
  );

  test(
    "pictures what came instead of the page, too, and without a browser says so and keeps the exit code",
    async () => {
      const here = await place();
      const url = await serve((_, response) => {
        response.setHeader("content-type", "text/html").end("<h1>The app</h1>");
      });
      const words = ["rehearse", url, "--store", here.store, "--wait", "1ms", "--screenshot", "page.png"];
      const { exitCode, stderr } = await runCli(words, { cwd: here.cwd, killAfter: patience });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: `The picture is ${join(here.cwd, "page.png")}.\n`,
      });
      const { equal } = await compare(readFileSync(join(here.cwd, "page.png")), await photograph(url));
      expect(equal).toBeGreaterThan(0.99);

      const { url: app } = await expressApp(await instance(here.store));
      const without = await runCli(["rehearse", app, "--store", here.store, "--screenshot", "none.png"], {
        cwd: here.cwd,
        env: { BROWSER_PATH: join(here.cwd, "nothing") },
      });
      expect(without).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("there is no picture") });
      expect(readdirSync(here.cwd)).not.toContain("none.png");
      const refused = await runCli(["rehearse", app, "--store", here.store, "--screenshot", "state.db"], {
        cwd: here.cwd,
      });
      expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("no picture") });
    },
    patience,
  );
});
