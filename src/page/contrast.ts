/** The least contrast of text at level AA: WCAG 2.2, 1.4.3. */
export const leastContrast = 4.5;

type Rgb = readonly [red: number, green: number, blue: number];

/** The contrast ratio of two `#rrggbb` colours: 1 (the same) to 21 (black on white). WCAG 2.2. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/**
 * The colour itself if it is readable on that paper, else its nearest readable shade (towards black on light
 * paper) or tint (towards white on dark paper).
 */
export function toReadable(colour: string, paper: string): string {
  const end: Rgb = contrast("#000000", paper) > contrast("#ffffff", paper) ? [0, 0, 0] : [255, 255, 255];
  // Black or white has a contrast of at least 4.58 on any paper, so the last step always succeeds.
  const steps = 255;
  let candidate = colour;
  for (let step = 1; step <= steps && contrast(candidate, paper) < leastContrast; step++) {
    candidate = toHex(mix(toRgb(colour), end, step / steps));
  }
  return candidate;
}

function luminance(colour: string): number {
  const [red, green, blue] = toRgb(colour).map(linear) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function toRgb(colour: string): Rgb {
  const number = Number.parseInt(colour.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

function toHex(rgb: Rgb): string {
  return `#${rgb.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return from.map((channel, index) =>
    Math.round(channel + ((to[index] ?? 0) - channel) * share),
  ) as unknown as Rgb;
}
