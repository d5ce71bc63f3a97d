import assert from "node:assert/strict";
import { assertPage, browser, bypassToken, states, withSite, type Site } from "./framework-contract-site.ts";
import type { FrameworkContractCase, FrameworkContractSubject } from "./framework-contract-subject.ts";

const closed = { mode: "closed" } as const;

/** What happens to requests while the site is closed. */
export function casesOfClosedSite(subject: FrameworkContractSubject): readonly FrameworkContractCase[] {
  const statusOf = async (site: Site, path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await site.visit(path, { headers })).status;

  return [
    {
      name: "a closed site answers every request with the page, and the app is not asked",
      run: () =>
        withSite(subject, { state: states.manual(closed) }, async (site) => {
          for (const path of ["/", "/json", "/missing", "/mounted/missing", "/throws"])
            assertPage(await site.visit(path, { headers: browser }), path);
          const head = await site.visit("/", { method: "HEAD", headers: browser });
          assert.equal(head.status, 503);
          assert.equal(head.body, "");
          const body = "x".repeat(200_000);
          const post = await site.visit("/echo", { method: "POST", body, headers: browser });
          assertPage(post, "POST /echo");
          assert.equal(site.greetings(), 0);
          assert.deepEqual(site.handled, []);
          assert.deepEqual(site.masked, []);
        }),
    },
    {
      name: "a closed site is open on exempt paths, and to requests that the option skip names",
      run: () =>
        withSite(
          subject,
          {
            state: states.manual({ ...closed, exemptPaths: ["/json", "/mounted/*"] }),
            options: { skip: (request) => subject.skip(request) },
          },
          async (site) => {
            assert.equal(await statusOf(site, "/json"), 200);
            assert.equal(await statusOf(site, "/mounted/throws"), 500);
            assert.equal(await statusOf(site, "/", { "x-skip": "1" }), 200);
            assert.equal(await statusOf(site, "/"), 503);
          },
        ),
    },
    {
      name: "a bypass link becomes a cookie, and the cookie opens a closed site",
      run: () =>
        withSite(subject, { state: states.manual(closed) }, async (site) => {
          const token = await bypassToken();
          const link = await site.visit(`/json?page=2&intermission-bypass=${token}`);
          assert.equal(link.status, 302);
          assert.equal(link.headers.location, "/json?page=2");
          const [cookie = ""] = link.headers["set-cookie"]?.[0]?.split(";") ?? [];
          assert.equal(await statusOf(site, "/json", { cookie }), 200);
          assert.equal(await statusOf(site, "/throws", { cookie }), 500);
          assert.equal(await statusOf(site, "/json", { cookie: "intermission-bypass=1.x" }), 503);
        }),
    },
    {
      name: `a client's address is that of ${subject.address === "unknown" ? "nobody" : `the ${subject.address}`}`,
      run: async () => {
        const exempting = (range: string): { readonly state: ReturnType<typeof states.manual> } => ({
          state: states.manual({ ...closed, exemptAddresses: [range] }),
        });
        const forwarded = { "x-forwarded-for": "203.0.113.9" };
        await withSite(subject, exempting("127.0.0.0/8"), async (site) => {
          assert.equal(await statusOf(site, "/"), subject.address === "unknown" ? 503 : 200);
          assert.equal(await statusOf(site, "/throws"), subject.address === "unknown" ? 503 : 500);
        });
        await withSite(subject, exempting("203.0.113.0/24"), async (site) => {
          assert.equal(await statusOf(site, "/", forwarded), 503, "what a client says of itself");
        });
        if (subject.address !== "proxy") return;
        await withSite(subject, { ...exempting("203.0.113.0/24"), trustProxy: true }, async (site) => {
          assert.equal(await statusOf(site, "/", forwarded), 200, "what a trusted proxy says");
          assert.equal(await statusOf(site, "/throws", forwarded), 500, "what a trusted proxy says");
          assert.equal(await statusOf(site, "/", { "x-forwarded-for": "198.51.100.1" }), 503);
        });
      },
    },
  ];
}
