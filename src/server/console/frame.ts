import { markup, toText, type Markup } from "../../page/template.ts";
import { toSourceHash } from "../../page/source-hash.ts";
import { script, signInScript } from "./script.ts";
import { style } from "./style.ts";

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The script says how long ago it was. */
export function ago(milliseconds: number): Markup {
  const iso = isoOf(milliseconds);
  return markup`<time data-ago datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

export function counted(count: number, one: string, several: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

/** Who sees a page, and what to tell them first. */
export interface Frame {
  readonly name: string;
  readonly app: string;
  readonly now: number;
  readonly notice?: string | undefined;
  /** Where the page above this one is. */
  readonly up?: string | undefined;
}

/** A page whose parts the server replaces, each in the section of its id. */
export function toLivePage(
  frame: Frame & { readonly title: string },
  parts: Readonly<Record<string, Markup>>,
  isWide: (id: string) => boolean,
): string {
  return toPage(
    { ...frame, live: true },
    markup`<p id="away" role="alert" hidden>This page does not hear from the console any more. It tries again.</p>
<main>
${Object.entries(parts).map(
  ([
    id,
    part,
  ]) => markup`<section id="${id}"${isWide(id) ? markup` class="wide"` : undefined}>${part}</section>
`,
)}</main>`,
  );
}

export function toPage(
  {
    title,
    name,
    app,
    now,
    notice,
    up,
    live = false,
  }: Frame & { readonly title: string; readonly live?: boolean },
  content: Markup,
): string {
  return toText(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Intermission</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body data-now="${now}"${live ? markup` data-live="true"` : undefined}>
<header><h1>${up === undefined ? app : markup`<a href="${up}">${app}</a>`}</h1><p>Intermission console, as ${name}</p></header>
${notice === undefined ? undefined : markup`<p role="status">${notice}</p>`}
${content}
<script>${script}</script>
</body>
</html>
`);
}

interface SignIn {
  /** Where to go afterwards. */
  readonly next: string;
  readonly problem?: string;
  /** From this page to the first one, such as `../../`. */
  readonly up?: string;
}

export function toSignIn({ next, problem, up = "" }: SignIn): string {
  return toText(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Intermission</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header><h1>Intermission console</h1></header>
<main>
<section>
<h2>Sign in</h2>
${problem === undefined ? undefined : markup`<p role="alert">${problem}</p>`}
<p>Open the address that <code>intermission console</code> printed, or enter its token.</p>
<form method="post" action="${up}session">
<input type="hidden" name="next" value="${next}">
<label>Token <input name="token" type="password" autocomplete="off" required autofocus></label>
<p><button class="primary">Sign in</button></p>
</form>
</section>
</main>
<script>${signInScript}</script>
</body>
</html>
`);
}

const hash = (source: Markup): string => `'${toSourceHash(toText(source))}'`;

/** For every page of the console. */
export const policy = [
  "default-src 'none'",
  `script-src ${hash(script)} ${hash(signInScript)}`,
  `style-src ${hash(style)}`,
  "connect-src 'self'",
  "frame-src 'self'",
  "img-src data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** `3 min 20 s`. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (hours > 0) return minutes === 0 ? `${String(hours)} h` : `${String(hours)} h ${String(minutes)} min`;
  if (minutes > 0) return rest === 0 ? `${String(minutes)} min` : `${String(minutes)} min ${String(rest)} s`;
  return `${String(rest)} s`;
}
