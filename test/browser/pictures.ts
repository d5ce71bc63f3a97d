import type { Page } from "playwright-core";

/**
 * The mean difference of a channel between two PNG pictures, 0 (the same) to 255 (another size). They are
 * compared at an eighth of their size, so that the edges of letters don't matter.
 */
export async function differenceOf(page: Page, one: Buffer, other: Buffer): Promise<number> {
  await page.goto("about:blank");
  return page.evaluate(compare, [one.toString("base64"), other.toString("base64")] as const);
}

/** A PNG picture as WebP, which Playwright does not take. @returns it in base64. */
export function toWebp(page: Page, picture: Buffer): Promise<string> {
  return page.evaluate(convert, picture.toString("base64"));
}

/** Browser globals used here, for which this project has no types. */
interface BrowserGlobals {
  createImageBitmap(
    blob: Blob,
    options?: object,
  ): Promise<{ readonly width: number; readonly height: number }>;
  readonly OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    convertToBlob(options: object): Promise<Blob>;
    getContext(kind: "2d"): {
      drawImage(image: unknown, x: number, y: number, width?: number, height?: number): void;
      getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
    };
  };
}

/** Runs in the browser. */
async function compare([one, other]: readonly [string, string]): Promise<number> {
  const { createImageBitmap, OffscreenCanvas } = globalThis as unknown as BrowserGlobals;
  const read = async (base64: string): Promise<{ size: string; data: Uint8ClampedArray }> => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const whole = new Blob([bytes]);
    const { width, height } = await createImageBitmap(whole);
    const [small, low] = [Math.ceil(width / 8), Math.ceil(height / 8)];
    const resized = await createImageBitmap(whole, {
      resizeWidth: small,
      resizeHeight: low,
      resizeQuality: "high",
    });
    const context = new OffscreenCanvas(small, low).getContext("2d");
    context.drawImage(resized, 0, 0, small, low);
    return { size: `${String(width)} ${String(height)}`, data: context.getImageData(0, 0, small, low).data };
  };
  const [first, second] = await Promise.all([read(one), read(other)]);
  if (first.size !== second.size) return 255;
  let sum = 0;
  first.data.forEach((value, index) => (sum += Math.abs(value - (second.data[index] ?? 0))));
  return sum / first.data.length;
}

/** Runs in the browser. */
async function convert(base64: string): Promise<string> {
  const { createImageBitmap, OffscreenCanvas } = globalThis as unknown as BrowserGlobals;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  const webp = await canvas.convertToBlob({ type: "image/webp", quality: 0.7 });
  const characters = Array.from(new Uint8Array(await webp.arrayBuffer()), (byte) =>
    String.fromCharCode(byte),
  );
  return btoa(characters.join(""));
}
