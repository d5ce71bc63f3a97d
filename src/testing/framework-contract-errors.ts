import assert from "node:assert/strict";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { IntermissionOptions } from "../core/settings/options.ts";
import type { State } from "../core/state/state.ts";
import { assertPage, browser, secret, states, withSite, type Site } from "./framework-contract-site.ts";
import type { FrameworkContractCase, FrameworkContractSubject } from "./framework-contract-subject.ts";
import { begin, type Answer, type Visit } from "./framework-contract-visit.ts";

type Question = readonly [path: string, visit?: Visit];

const untouched: readonly Question[] = [
  ["/"],
  ["/?page=2", { headers: browser }],
  ["/", { method: "HEAD" }],
  ["/json"],
  ["/empty"],
  ["/old"],
  ["/refused"],
  ["/missing", { headers: browser }],
  ["/mounted/missing"],
  ["/echo", { method: "POST", body: "x".repeat(5000), headers: { "content-type": "text/plain" } }],
];

const thrown: readonly Question[] = [
  ["/throws"],
  ["/rejects"],
  ["/mounted/throws"],
  ["/throws", { method: "POST", body: "y".repeat(50_000), headers: { "content-type": "text/plain" } }],
];

const failing: readonly Question[] = [...thrown, ["/sent"], ["/sent-json"], ["/stream-fails"]];

/** The verdict's rules, one per row. */
const truths: readonly {
  readonly when: string;
  readonly state: State;
  readonly options?: IntermissionOptions;
  readonly masked: boolean;
}[] = [
  { when: "nothing is recorded", state: states.empty, masked: false },
  { when: "this release is current", state: states.settled, masked: false },
  { when: "another release is current", state: states.midDeploy, masked: true },
  { when: "a deploy is open", state: states.deployOpen, masked: true },
  { when: "manual mode is on in the store", state: states.manual({ mode: "errors" }), masked: true },
  {
    when: "manual mode is on in this instance",
    state: states.settled,
    options: { mode: true },
    masked: true,
  },
  {
    when: "the maximum window has passed",
    state: { ...states.midDeploy, releases: [{ id: "v1.1", at: 1 }] },
    options: { maxWindow: "1h" },
    masked: false,
  },
  { when: "the option mask refuses", state: states.midDeploy, options: { mask: () => false }, masked: false },
];

/** What happens to answers, by kind. */
export function casesOfErrors(subject: FrameworkContractSubject): readonly FrameworkContractCase[] {
  return [
    {
      name: "what is no server error is, to the byte, what it is without Intermission",
      run: async () => {
        const bare = await answersOf(subject, { watched: false }, untouched);
        for (const state of [states.settled, states.midDeploy, states.manual({ mode: "errors" })])
          assert.deepEqual(await answersOf(subject, { state }, untouched), bare);
      },
    },
    {
      name: "a server error at any other time is what it is without Intermission, and one that says when to retry is always",
      run: async () => {
        const bare = await answersOf(subject, { watched: false }, [...failing, ["/busy"]]);
        assert.deepEqual(
          bare.map(({ status }) => status),
          [...failing.map(() => 500), 503],
        );
        for (const state of [states.empty, states.settled])
          assert.deepEqual(
            (await answersOf(subject, { state }, [...failing, ["/busy"]])).map(inAnyOrder),
            bare.map(inAnyOrder),
          );
        const busy = await answersOf(subject, { state: states.midDeploy }, [["/busy"]]);
        assert.deepEqual(busy.map(inAnyOrder), bare.slice(-1).map(inAnyOrder));
      },
    },
    {
      name: "a server error becomes the page while a deploy is on, however it came about",
      run: () =>
        withSite(subject, { state: states.midDeploy }, async (site) => {
          site.goOn();
          for (const [path, visit] of failing) {
            const headers = { ...visit?.headers, ...browser };
            assertPage(await site.visit(path, { ...visit, headers }), path);
          }
        }),
    },
    {
      name: "the page has the format that the visitor asks for, and HEAD has no body",
      run: () =>
        withSite(subject, { state: states.midDeploy }, async ({ visit }) => {
          for (const path of ["/throws", "/sent", "/sent-json"]) {
            const json = await visit(path, { headers: { accept: "application/json" } });
            assert.match(json.headers["content-type"] ?? "", /^application\/problem\+json/);
            assert.equal((JSON.parse(json.body) as { readonly status: number }).status, 503);
          }
          const html = await visit("/sent", { headers: browser });
          const head = await visit("/sent", { headers: browser, method: "HEAD" });
          assert.equal(head.status, 503);
          assert.equal(head.body, "");
          assert.equal(head.headers["content-length"], html.headers["content-length"]);
        }),
    },
    {
      name: "the page is compressed as the visitor accepts it, and never twice",
      run: () =>
        withSite(subject, { state: states.midDeploy }, async ({ app }) => {
          const ask = async (
            path: string,
            encoding: string,
          ): Promise<[string | undefined, Buffer, string]> => {
            const headers = { ...browser, "accept-encoding": encoding };
            const response = await begin(app.url + path, { headers });
            const body = Buffer.concat((await response.toArray()) as Buffer[]);
            assert.equal(response.headers["content-length"], String(body.byteLength), `${path}, ${encoding}`);
            const { "content-encoding": coding, vary = "" } = response.headers;
            return [coding, body, vary];
          };
          for (const path of ["/throws", "/sent"]) {
            const [none, plain, plainVary] = await ask(path, "identity");
            assert.equal(none, undefined, path);
            assert.match(plain.toString(), /<\/html>/, path);
            assert.match(plainVary, /Accept-Language, Accept-Encoding$/, path);
            const [br, brotli, vary] = await ask(path, "gzip, deflate, br");
            assert.equal(br, "br", path);
            assert.equal(vary, plainVary, path);
            assert.deepEqual(brotliDecompressSync(brotli), plain, path);
            const [gzip, zipped] = await ask(path, "gzip;q=0.5, br;q=0");
            assert.equal(gzip, "gzip", path);
            assert.deepEqual(gunzipSync(zipped), plain, path);
          }
        }),
    },
    {
      name: "with statusCode original the page has the status that the app sent, in its body too",
      run: () =>
        withSite(
          subject,
          { state: states.midDeploy, options: { statusCode: "original" } },
          async ({ visit }) => {
            for (const path of ["/throws", "/sent", "/sent-json"]) {
              const json = await visit(path, { headers: { accept: "application/json" } });
              assert.equal(json.status, 500, path);
              assert.equal(json.headers["x-maintenance"], "deploy", path);
              assert.equal((JSON.parse(json.body) as { readonly status: number }).status, 500, path);
            }
          },
        ),
    },
    {
      name: "the page keeps cookies, CORS, ids and what the option keepHeaders names of the failed answer, and nothing else",
      run: () =>
        withSite(
          subject,
          { state: states.midDeploy, options: { keepHeaders: ["X-Tenant"] } },
          async ({ visit }) => {
            const { headers } = await visit("/sent", { headers: browser });
            assert.deepEqual(headers["set-cookie"], ["a=1", "b=2"]);
            assert.equal(headers["x-request-id"], "r1");
            assert.equal(headers["access-control-allow-origin"], "https://shop.example");
            assert.match(String(headers["vary"]), /^Origin, Accept, Accept-Language/);
            assert.equal(headers["x-tenant"], "7");
            for (const name of ["etag", "content-digest", "x-accel-expires", "server-timing"])
              assert.equal(headers[name], undefined, name);
            assert.match(
              String(headers["content-security-policy"]),
              /^default-src 'none'.*frame-ancestors https:\/\/partner\.example$/,
            );
          },
        ),
    },
    {
      name: "the app's own error handler hears of each error once, whether or not the page takes its place",
      run: async () => {
        for (const state of [states.settled, states.midDeploy])
          await withSite(subject, { state }, async (site) => {
            for (const [index, [path, visit]] of thrown.entries()) {
              await site.visit(path, visit);
              assert.equal(site.handled.length, index + 1, `${path}: calls of the error handler`);
              assert.equal(site.handled.at(-1), site.error, `${path}: what the error handler was given`);
            }
          });
      },
    },
    {
      name: "onMasked is told of each error that the page replaced, and of nothing else",
      run: () =>
        withSite(subject, { state: states.midDeploy }, async ({ visit, masked, error }) => {
          for (const path of ["/", "/refused", "/busy", "/missing"]) await visit(path);
          assert.equal(masked.length, 0);
          for (const [index, path] of ["/throws?x=1", "/rejects", "/mounted/throws"].entries()) {
            await visit(path);
            assert.equal(masked.length, index + 1, path);
            const told = masked.at(-1);
            assert.ok(told);
            assert.equal(told.path, path.split("?")[0]);
            assert.equal(told.method, "GET");
            assert.equal(told.status, 500);
            assert.equal(told.error, subject.knowsErrors ? error : undefined, `${path}: the error`);
          }
        }),
    },
    {
      name: "exempt paths, and requests that the option skip names, have their errors as they are",
      run: () =>
        withSite(
          subject,
          {
            state: states.midDeploy,
            options: { exempt: ["/mounted/*"], skip: (request) => subject.skip(request) },
          },
          async ({ visit }) => {
            assert.equal((await visit("/mounted/throws?deep")).status, 500);
            assert.equal((await visit("/throws", { headers: { "x-skip": "1" } })).status, 500);
            assert.equal((await visit("/sent", { headers: { "x-skip": "1" } })).body, secret);
            assert.equal((await visit("/throws")).status, 503);
          },
        ),
    },
    ...truths.map(({ when, state, options = {}, masked }) => ({
      name: `where ${when}, an error ${masked ? "becomes the page" : "stays as it is"}, and a success stays`,
      run: () =>
        withSite(subject, { state, options }, async ({ visit }) => {
          assert.equal((await visit("/sent")).status, masked ? 503 : 500);
          assert.equal((await visit("/throws")).status, masked ? 503 : 500);
          assert.equal((await visit("/")).body, "Hello");
        }),
    })),
  ];
}

/** Comparing headers by name alone would hide their order and case. */
type Compared = Omit<Answer, "headers"> & { readonly asked: string };

/** If a response's headers were read, a server may send them in another order. */
function inAnyOrder({ fields, ...answer }: Compared): Compared {
  const named = fields.map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...answer, fields: named.sort(([one], [other]) => (one < other ? -1 : Number(one > other))) };
}

async function answersOf(
  subject: FrameworkContractSubject,
  plan: { readonly state?: State; readonly watched?: boolean },
  questions: readonly Question[],
): Promise<readonly Compared[]> {
  const answers: Compared[] = [];
  await withSite(subject, plan, async (site: Site) => {
    site.goOn();
    // Some frameworks name their own address, and each app has its own port.
    const unplaced = (text: string): string => text.replaceAll(new URL(site.app.url).host, "host");
    for (const [path, visit] of questions) {
      const { status, statusMessage, complete, ...answer } = await site.visit(path, visit);
      const asked = `${visit?.method ?? "GET"} ${path}`;
      const fields = answer.fields.map(([name, value]) => [name, unplaced(value)] as const);
      answers.push({ asked, status, statusMessage, fields, body: unplaced(answer.body), complete });
    }
  });
  return answers;
}
