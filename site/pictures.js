/*
 * Takes the pictures of the start page, from the demonstration: `npm run build && npm --prefix site run
 * pictures`. It needs Chromium.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startDemonstration } from "../dist/demo/index.js";

const here = import.meta.dirname;
const demonstration = await startDemonstration({ port: 0 });
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const panel = await browser.newPage();
  await panel.goto(demonstration.panelAddress);
  const context = await browser.newContext({
    viewport: { width: 720, height: 480 },
    deviceScaleFactor: 1.5,
    reducedMotion: "reduce",
  });
  const visitor = await context.newPage();

  const press = async (name) => {
    const done = panel.waitForResponse((response) => response.url().includes("/-/actions/"));
    await panel.getByRole("button", { name }).click();
    await done;
  };
  /** The machines take turns. */
  const visitUntil = async (status, path = "") => {
    for (let attempt = 0; attempt < 30; attempt++) {
      const answer = await visitor.goto(demonstration.siteAddress + path);
      if (answer.status() === status) return;
    }
    throw new Error(`No machine answered ${status}.`);
  };
  const take = async (name) => {
    const picture = await visitor.screenshot();
    const helper = await context.newPage();
    const webp = await helper.evaluate(toWebp, picture.toString("base64"));
    await helper.close();
    writeFileSync(join(here, "pictures", `${name}.webp`), Buffer.from(webp, "base64"));
    return picture;
  };

  await visitUntil(200);
  await take("before");
  await visitUntil(500, "broken");
  await take("error");
  await press("Make the new machine");
  await press("Create release");
  await press("Run the migration");
  await visitUntil(503);
  const page = await take("during");
  await press("Replace the old machines");
  await visitUntil(200);
  await take("after");

  const card = await browser.newPage({ viewport: { width: 1200, height: 630 } });
  await card.setContent(toCard(page, readFileSync(join(here, "public/icon.svg"))));
  await card.screenshot({ path: join(here, "public/card.png") });
} finally {
  await browser.close();
  await demonstration.close();
}

/** Runs in the browser: Playwright takes no WebP. */
async function toWebp(base64) {
  const { atob, btoa, Blob, createImageBitmap, OffscreenCanvas } = globalThis;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

  const bitmap = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  const webp = await canvas.convertToBlob({ type: "image/webp", quality: 0.82 });
  const characters = Array.from(new Uint8Array(await webp.arrayBuffer()), (byte) =>
    String.fromCharCode(byte),
  );
  return btoa(characters.join(""));
}

/** What chats show of a link. */
function toCard(picture, icon) {
  const source = (type, bytes) => `data:${type};base64,${bytes.toString("base64")}`;
  return `<!doctype html><style>
body { margin: 0; width: 1200px; height: 630px; display: grid; grid-template-columns: 470px 1fr; align-items: center; gap: 50px; padding: 0 0 0 70px; box-sizing: border-box; background: #191315; color: #f6ecdd; font: 30px/1.4 system-ui, sans-serif; overflow: hidden; }
h1 { font: 600 64px/1.1 Georgia, "Noto Serif", serif; margin: 24px 0; }
.picture { width: 720px; border-radius: 18px; box-shadow: 0 20px 60px #000; }
</style><div><img src="${source("image/svg+xml", icon)}" width="84" alt=""><h1>Intermission</h1>A friendly maintenance page, shown only when a deploy breaks something.</div>
<img class="picture" src="${source("image/png", picture)}" alt="">`;
}
