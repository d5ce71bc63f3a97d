import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect, createServer as createHttp2Server, type ClientHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { maintenancePage } from "../../src/frameworks/node/index.ts";
import { closedSite } from "../support/closed-site.ts";
import { apps, readers, reading } from "./apps.ts";

/*
 * A request that passes the page because of its path must reach that path in the app. Here the app's own
 * router says where a request came out, for targets that an attacker might craft so that the two disagree.
 */

const targets = 2000;

const pieces = [
  ...["/", "/", "/", "hooks", "hooks", "healthz", "admin", "admin", "a", "A", "%20", "%41", "%c3%a9", "~"],
  ...[
    ".",
    "..",
    "...",
    "%2e",
    "%2E",
    "%2e%2e",
    "%252e",
    "%c0%ae",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    "%00",
    "%0d",
    "%zz",
    "%",
  ],
  ...[
    ";",
    "%3b",
    "#",
    "%23",
    "?",
    "%3f",
    "*",
    ":",
    "@",
    "&",
    "=",
    ",",
    "//",
    "http://a",
    "http:",
    "é",
    "|",
    "^",
  ],
];
const prefix = fc.constantFrom(
  "/hooks/",
  "/hooks/",
  "/hooks/",
  "/healthz",
  "/",
  "//",
  "",
  "http://site.example/hooks/",
);
const target = fc
  .tuple(prefix, fc.array(fc.constantFrom(...pieces), { maxLength: 6 }))
  .map(([start, rest]) => start + rest.join(""));

/** Where a request came out; undefined: it can't be sent, or the parser refused it. */
function askOver(port: string): (path: string) => Promise<string | undefined> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  onTestFinished(() => {
    agent.destroy();
  });
  return (path) =>
    new Promise((resolve) => {
      try {
        const asked = request({
          host: "127.0.0.1",
          port,
          path,
          agent,
          headers: { "sec-fetch-dest": "image" },
        });
        asked.on("error", () => {
          resolve(undefined);
        });
        asked.on("response", (response) => {
          const isPage = response.headers["x-maintenance"] === "closed";
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
          response.on("end", () => {
            resolve(isPage ? "page" : `${String(response.statusCode)} ${text}`);
          });
        });
        asked.end();
      } catch {
        resolve(undefined);
      }
    });
}

function askOverHttp2(session: ClientHttp2Session): (path: string) => Promise<string | undefined> {
  return (path) =>
    new Promise((resolve) => {
      try {
        const stream = session.request({ ":path": path, "sec-fetch-dest": "image" });
        let answer = "";
        stream.on("response", (headers) => {
          answer = headers["x-maintenance"] === "closed" ? "page" : `${String(headers[":status"])} `;
        });
        stream.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
        stream.on("end", () => {
          resolve(answer);
        });
        stream.on("error", () => {
          resolve(undefined);
        });
      } catch {
        resolve(undefined);
      }
    });
}

const site = () =>
  closedSite({ exemptPaths: ["/hooks/**", "/healthz"], closeHealthPaths: true }, { exempt: ["/healthz"] });

/** Every target that reaches the app comes out where it was exempt, or where the app refuses it. */
async function expectAgreement(ask: (path: string) => Promise<string | undefined>): Promise<void> {
  const paths = [
    "/hooks",
    "/hooks/x",
    "/healthz",
    "/healthz/",
    ...fc.sample(target, { numRuns: targets, seed: 16 }),
  ];
  let through = 0;
  const strays: string[] = [];
  for (let start = 0; start < paths.length; start += 8) {
    const some = paths.slice(start, start + 8);
    const answers = await Promise.all(some.map(ask));
    for (const [index, answer] of answers.entries()) {
      if (answer === undefined || answer === "page" || /^(?:4\d\d|200 refused)/.test(answer)) continue;
      through += 1;
      if (!/^200 "?(?:hooks|healthz)"?$/.test(answer)) strays.push(`${some[index] ?? ""}: ${answer}`);
    }
  }
  expect(strays).toEqual([]);
  expect(through).toBeGreaterThan(50);
}

test.each(Object.entries(apps))(
  "a path that the gate exempts is exempt to the router of %s",
  async (_, start) => {
    const { intermission } = await site();
    await expectAgreement(askOver(await start(intermission)));
  },
);

test("and so is whatever an HTTP/2 client writes into :path", async () => {
  const { intermission } = await site();
  const listener = maintenancePage(reading(readers["the URL standard"] ?? String), { intermission });
  const server = createHttp2Server(listener as unknown as Parameters<typeof createHttp2Server>[1]);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = connect(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  await expectAgreement(askOverHttp2(session));
});
