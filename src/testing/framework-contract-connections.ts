import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request as sendRequest, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import { assertPage, browser, states, withSite } from "./framework-contract-site.ts";
import type { FrameworkContractCase, FrameworkContractSubject } from "./framework-contract-subject.ts";
import { begin } from "./framework-contract-visit.ts";

/** What happens to connections: streams, visitors who leave, upgrades, the end. */
export function casesOfConnections(subject: FrameworkContractSubject): readonly FrameworkContractCase[] {
  return [
    {
      name: "a stream is not held back: its first piece arrives before the second is made",
      run: () =>
        withSite(subject, { state: states.midDeploy }, async ({ app, goOn }) => {
          const response = await begin(`${app.url}/stream`);
          assert.equal(response.statusCode, 200);
          let text = "";
          response.on("data", (chunk: Buffer) => {
            text += chunk.toString();
            if (text === "first ") goOn();
          });
          await once(response, "end");
          assert.equal(text, "first second");
        }),
    },
    {
      name: "an answer that has begun is not replaced when it fails",
      run: async () => {
        const ends = async (watched: boolean): Promise<unknown> => {
          let end: unknown;
          await withSite(subject, { state: states.midDeploy, watched }, async ({ visit, masked }) => {
            const { status, body, complete } = await visit("/late", { headers: browser });
            assert.equal(masked.length, 0);
            end = { status, body, complete };
          });
          return end;
        };
        assert.deepEqual(await ends(true), await ends(false));
      },
    },
    {
      name: "a connection goes on after a page",
      run: async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        try {
          await withSite(subject, { state: states.midDeploy }, async ({ visit }) => {
            for (let turn = 0; turn < 3; turn++) {
              assertPage(await visit("/throws", { agent, headers: browser }), "/throws");
              assertPage(await visit("/sent", { agent, headers: browser }), "/sent");
              assert.equal((await visit("/", { agent })).body, "Hello");
            }
          });
        } finally {
          agent.destroy();
        }
      },
    },
    {
      name: "an error waits for the store, and the verdict that comes is kept",
      run: async () => {
        for (const [state, status] of [[states.settled, 500] as const, [states.midDeploy, 503] as const])
          await withSite(subject, { state, options: { freshFor: 0 } }, async ({ visit, store }) => {
            const held = store.hold();
            const answers = Promise.all([visit("/throws"), visit("/sent"), visit("/sent-json")]);
            await held.asked;
            held.release();
            assert.deepEqual(
              (await answers).map((answer) => answer.status),
              [status, status, status],
            );
          });
      },
    },
    {
      name: "a visitor who leaves while an error waits for the store harms nobody",
      run: () =>
        withSite(
          subject,
          { state: states.settled, options: { freshFor: 0 } },
          async ({ app, visit, store }) => {
            const failures: unknown[] = [];
            const note = (failure: unknown): void => void failures.push(failure);
            process.on("unhandledRejection", note);
            try {
              for (const path of ["/throws", "/sent", "/stream-fails"]) {
                const held = store.hold();
                const request = sendRequest(app.url + path, { agent: false }).on("error", () => undefined);
                request.end();
                await held.asked;
                request.destroy();
                await new Promise((resolve) => request.once("close", resolve));
                held.release();
              }
              assert.equal((await visit("/")).body, "Hello");
              assert.equal((await visit("/throws")).status, 500);
              assert.deepEqual(failures, []);
            } finally {
              process.off("unhandledRejection", note);
            }
          },
        ),
    },
    {
      name: "an upgrade beside the app is left alone",
      run: () =>
        withSite(subject, { state: states.manual({ mode: "closed" }) }, async ({ app }) => {
          if (app.server !== undefined) await upgrade(app.server, app.url);
        }),
    },
    {
      name: subject.closes
        ? "an intermission that the adapter made ends with the app"
        : "an intermission that the adapter made works on after the app was closed",
      run: async () => {
        let watchers = (): number => 0;
        await withSite(subject, {}, async ({ visit, store }) => {
          watchers = () => store.watchers;
          await visit("/");
          assert.equal(watchers(), 1);
        });
        assert.equal(watchers(), subject.closes ? 0 : 1);
      },
    },
  ];
}

async function upgrade(server: Server, url: string): Promise<void> {
  server.once("upgrade", (_request: IncomingMessage, socket: Socket) => {
    socket.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
  });
  const headers = { connection: "upgrade", upgrade: "websocket" };
  const request = sendRequest(url, { agent: false, headers }).end();
  const [response, socket] = (await once(request, "upgrade")) as [IncomingMessage, Socket];
  assert.equal(response.statusCode, 101);
  socket.destroy();
}
