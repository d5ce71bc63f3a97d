import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startConsole } from "../../src/server/console/index.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";
import { playDeploy, type PlayedDeploy } from "../support/played-deploy.ts";
import { describeInChromium, minute, type Stage } from "./chromium.ts";
import { differenceOf, toWebp } from "./pictures.ts";

/*
 * The moving picture of a played deploy, for the documents. `PICTURES=write` makes it anew; without, it must
 * still show what the console shows.
 */

const file = join(resolve(import.meta.dirname, "../.."), "docs/pictures/console.svg");
const size = { width: 1000, height: 720 };
/** One instance is replaced every 24 s. */
const moments: readonly PlayedDeploy[] = [0, 3, 6, 9, 12].map((replaced) => ({
  replaced,
  elapsed: 2 * minute + replaced * 24_000,
  isOver: replaced === 12,
}));
/** Seconds each is shown for. */
const shownFor = 2;

async function take(stage: Stage, moment: PlayedDeploy): Promise<Buffer> {
  const store = memoryStore();
  await playDeploy(store, moment);
  const running = await startConsole({
    ...{ store, app: "shop", readOnly: true, hosts: [], environment: {} },
    listen: { host: "127.0.0.1", port: 0 },
  });
  onTestFinished(() => running.close());
  const page = await stage.newPage({ viewport: size, reducedMotion: "reduce" });
  await page.goto(running.url);
  await page.getByRole("heading", { name: "Status" }).waitFor();
  return page.screenshot();
}

/** Whoever wants no motion sees the middle of the deploy. */
function toMovingPicture(frames: readonly string[]): string {
  const { width, height } = size;
  const share = 100 / frames.length;
  const still = Math.floor(frames.length / 2);
  const delays = frames.map((_, index) => `.f${String(index)}{animation-delay:${String(index * shownFor)}s}`);
  const images = frames.map(
    (frame, index) =>
      `<image class="f f${String(index)}" width="${String(width)}" height="${String(height)}" href="data:image/webp;base64,${frame}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}">
<title>The console during a deploy</title>
<style>
@keyframes show{0%{opacity:1}${share.toFixed(2)}%{opacity:1}${(share + 0.01).toFixed(2)}%{opacity:0}99.99%{opacity:0}}
.f{opacity:0;animation:show ${String(frames.length * shownFor)}s linear infinite}
${delays.join("\n")}
@media (prefers-reduced-motion:reduce){.f{animation:none}.f${String(still)}{opacity:1}}
</style>
${images.join("\n")}
</svg>
`;
}

describeInChromium("the moving picture of the console", (stage) => {
  test("shows what the console shows of a deploy", { timeout: minute }, async () => {
    const frames: Buffer[] = [];
    for (const moment of moments) frames.push(await take(stage, moment));
    const page = await stage.newPage();
    if (process.env["PICTURES"] === "write") {
      const pictures = [];
      for (const frame of frames) pictures.push(await toWebp(page, frame));
      writeFileSync(file, toMovingPicture(pictures));
    }
    const svg = readFileSync(file, "utf8");
    expect(Buffer.byteLength(svg)).toBeLessThan(600_000);
    const stored = [...svg.matchAll(/base64,([^"]+)"/g)].map(([, frame = ""]) =>
      Buffer.from(frame, "base64"),
    );
    expect(stored).toHaveLength(frames.length);
    for (const [index, frame] of frames.entries())
      expect.soft(await differenceOf(page, frame, stored[index] ?? frame)).toBeLessThan(8);
  });
});
