import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import process from "node:process";
import { reasonOf } from "../../core/errors.ts";
import { readVariable, type Environment } from "../../core/release.ts";
import { UsageError } from "../arguments/usage-error.ts";
import { catchSignals, type Signals } from "../deploy/signals.ts";
import { longestBody, readBody, type Arrived } from "./visit.ts";

/** Where a picture goes. */
export interface Screenshot {
  /** Absolute. */
  readonly file: string;
  /**
   * Takes the picture, in place of an earlier one.
   *
   * @returns why there is none. Undefined: it is there.
   */
  take(page: Arrived): Promise<string | undefined>;
}

export interface ScreenshotOptions {
  readonly environment: Environment;
  /** Time limit for the browser, in milliseconds. @default 30000 */
  readonly within?: number;
}

const width = 1280;
const height = 800;
const assetWithin = 5000;
const png = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** What the browser must know to show the body as a visitor's does. */
const shownHeaders = ["content-type", "content-language", "content-security-policy"];

/** On the PATH. */
const programs = [
  ...["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"],
  ...["microsoft-edge", "msedge", "firefox", "firefox-esr"],
];

/** Elsewhere: Linux, macOS, Windows. */
const places = (environment: Environment): readonly string[] => [
  "/snap/bin/chromium",
  "/opt/google/chrome/chrome",
  ...["Google Chrome", "Chromium", "Microsoft Edge"].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  ...["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].flatMap((name) => {
    const folder = environment[name];
    if (folder === undefined || folder === "") return [];
    const paths = ["Google\\Chrome\\Application\\chrome.exe", "Microsoft\\Edge\\Application\\msedge.exe"];
    return [...paths, "Mozilla Firefox\\firefox.exe"].map((path) => `${folder}\\${path}`);
  }),
];

/** The first browser that is installed. A named one is taken as it is. Undefined: there is none. */
export function findBrowser(
  environment: Environment,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  const named = readVariable(environment, "BROWSER_PATH") ?? readVariable(environment, "CHROME_PATH");
  if (named !== undefined) return named;
  const folders = (environment["PATH"] ?? environment["Path"] ?? "").split(delimiter).filter(Boolean);
  return [
    ...programs.flatMap((program) => folders.map((folder) => join(folder, program))),
    ...places(environment),
  ].find((path) => exists(path));
}

/**
 * Checks where the picture is to go, before anything is asked.
 *
 * @throws UsageError if a picture can't go there, or something else is there.
 */
export async function prepareScreenshot(name: string, options: ScreenshotOptions): Promise<Screenshot> {
  const file = resolve(name);
  if (!existsSync(dirname(file)))
    throw new UsageError(`The option --screenshot needs a file in a folder that exists, not ${name}.`);
  if (!(await mayReplace(file)))
    throw new UsageError(
      `${name} is there already, and is no picture that could be replaced. Name another file, such as page.png.`,
    );
  return { file, take: (page) => takePicture(page, file, options).catch(reasonOf) };
}

/** Nothing, an empty file or a PNG. A link's target belongs to somebody else. */
async function mayReplace(file: string): Promise<boolean> {
  try {
    const found = await lstat(file);
    return found.isFile() && (found.size === 0 || (await isPicture(file)));
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
  }
}

async function isPicture(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(png.length), 0, png.length, 0);
    return bytesRead === png.length && buffer.equals(png);
  } finally {
    await handle.close();
  }
}

async function takePicture(
  page: Arrived,
  file: string,
  { environment, within = 30_000 }: ScreenshotOptions,
): Promise<string | undefined> {
  const browser = findBrowser(environment);
  if (browser === undefined)
    return "no browser was found. Install Chromium, Chrome, Edge or Firefox, or name its program by BROWSER_PATH.";
  // Next to the file, so that the picture can be moved: /tmp may be another disk, and hidden from the browser.
  const folder = await mkdtemp(join(dirname(file), "intermission-screenshot-"));
  const server = await show(page);
  const signals = catchSignals();
  try {
    const profile = join(folder, "profile");
    await mkdir(profile);
    const picture = join(folder, "page.png");
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${String(port)}${page.url.pathname}${page.url.search}`;
    const words = /firefox/i.test(basename(browser))
      ? firefoxWords(picture, profile)
      : chromiumWords(picture, profile);
    const problem = await runBrowser(browser, [...words, url], { environment, within, signals });
    if (problem !== undefined) return problem;
    if (!(await isPicture(picture))) return `${browser} left no picture.`;
    await rename(picture, file);
    return undefined;
  } finally {
    server.closeAllConnections();
    server.close();
    // A browser that was just killed may still be writing there.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
    signals.release();
    if (signals.first !== undefined) process.kill(process.pid, signals.first);
  }
}

function chromiumWords(picture: string, profile: string): readonly string[] {
  return [
    ...["--headless", `--screenshot=${picture}`, `--window-size=${String(width)},${String(height)}`],
    ...["--hide-scrollbars", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    `--user-data-dir=${profile}`,
    // Chromium refuses to run as root with its sandbox.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ];
}

function firefoxWords(picture: string, profile: string): readonly string[] {
  const size = `--window-size=${String(width)},${String(height)}`;
  return ["--headless", "--no-remote", "--profile", profile, size, "--screenshot", picture];
}

async function runBrowser(
  browser: string,
  words: readonly string[],
  {
    environment,
    within,
    signals,
  }: { readonly environment: Environment; readonly within: number; readonly signals: Signals },
): Promise<string | undefined> {
  const child = spawn(browser, words, { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4000)));
  signals.passTo(() => child.kill("SIGKILL"));
  let isLate = false as boolean;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, within);
  try {
    // Not "close": a child of the browser may hold its stderr.
    const [code] = (await once(child, "exit")) as [number | null];
    if (isLate) return `${browser} took longer than ${String(within / 1000)} s.`;
    const last = said.trim().split("\n").at(-1) ?? "";
    return code === 0
      ? undefined
      : `${browser} ended with ${String(code ?? "a signal")}${last && `: ${last}`}.`;
  } catch (error) {
    return `${browser} could not be started: ${reasonOf(error)}.`;
  } finally {
    clearTimeout(timer);
    child.stderr.destroy();
  }
}

/** Serves what came back at its own path, and from the site what the page loads: never with the token. */
async function show({ url, status, headers, content }: Arrived): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === url.pathname + url.search) {
      const shown = [...headers].filter(([name]) => shownHeaders.includes(name));
      response.writeHead(status, Object.fromEntries(shown)).end(content);
    } else if (request.method === "GET") {
      void forward(request.url ?? "/", url, response);
    } else {
      response.writeHead(405).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function forward(path: string, site: URL, response: ServerResponse): Promise<void> {
  try {
    // A path with two slashes would name another host.
    const url = new URL(path.replace(/^\/+/, "/"), site.origin);
    const answer = await fetch(url, { signal: AbortSignal.timeout(assetWithin) });
    const body = await readBody(answer);
    const type = answer.headers.get("content-type");
    response.writeHead(
      body.byteLength > longestBody ? 502 : answer.status,
      type === null ? {} : { "content-type": type },
    );
    response.end(body);
  } catch {
    response.writeHead(502).end();
  }
}
