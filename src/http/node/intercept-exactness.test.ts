import { once } from "node:events";
import { connect } from "node:net";
import type { RequestListener } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy, silentLogger } from "../../../test/support/deploy-window.ts";
import { browser, expectPage, secret, serve, serveBare } from "../../../test/support/failing-listeners.ts";
import { visit } from "../../../test/support/http.ts";
import { record, scriptedStore } from "../../../test/support/scripted-store.ts";
import type { GateOutcome } from "../../core/intermission.ts";
import { createIntermission } from "../../engine/create.ts";
import { gateRequest } from "../web/gate.ts";
import { gate } from "./gate.ts";

/** Each puts an error message in the status line. */
const reasons: Readonly<Record<string, RequestListener>> = {
  statusMessage: (_, response) => {
    response.statusCode = 500;
    response.statusMessage = "Column gone";
    response.end(secret);
  },
  writeHead: (_, response) => {
    response.writeHead(500, "Column gone").end(secret);
  },
  "statusMessage, then writeHead": (_, response) => {
    response.statusMessage = "Column gone";
    response.writeHead(500, { "content-type": "text/plain" }).end(secret);
  },
};

test.each(Object.entries(reasons))(
  "the reason phrase of a masked error is not sent, set by %s",
  async (_, listener) => {
    const intermission = await midDeploy();
    expectPage(await visit(await serve(intermission, listener), browser));
    await intermission.close();
  },
);

test.each(Object.entries(reasons))("nor of one that waited for the store, set by %s", async (_, listener) => {
  const { store, reads } = scriptedStore();
  const intermission = createIntermission(
    { store, release: "v1.0", logger: silentLogger, readTimeout: 5000 },
    { environment: {}, watching: false },
  );
  const answered = visit(await serve(intermission, listener), browser);
  await vi.waitFor(() => expect(reads.length).toBe(1));
  await reads[0]!.answer(record(1, "v1.1"));
  expectPage(await answered);
  await intermission.close();
});

test("an error that was held is sent with the status and reason it had, whatever the app set meanwhile", async () => {
  const { store, reads } = scriptedStore();
  const intermission = createIntermission(
    { store, release: "v1.0", logger: silentLogger, readTimeout: 5000 },
    { environment: {}, watching: false },
  );
  const url = await serve(intermission, (_, response) => {
    response.statusCode = 502;
    response.statusMessage = "Upstream gone";
    response.end(secret);
    response.statusCode = 200;
    response.statusMessage = "Fine";
  });
  const answered = visit(url);
  await vi.waitFor(() => expect(reads.length).toBe(1));
  await reads[0]!.answer(record(1, "v1.0"));
  expect(await answered).toMatchObject({ status: 502, statusMessage: "Upstream gone", body: secret });
  await intermission.close();
});

const admission = {
  location: "/orders?page=2",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "content-length": "0",
};

test("the redirect that takes a token out of the address tells no other site of it, and is not kept", async () => {
  const { intermission, token } = await closedSite();
  const path = `/orders?page=2&intermission-bypass=${token}`;
  const url = await serveBare((request, response) => {
    gate(request, response, intermission, () => response.end("the app"));
  });
  const { status, headers } = await visit(`${url}${path}`);
  expect({ status, ...headers }).toMatchObject({ status: 302, ...admission });

  const request = new Request(`http://shop.test${path}`);
  const web = await gateRequest({ request, frameworkRequest: request }, intermission);
  expect({ status: web?.status, ...Object.fromEntries(web?.headers ?? []) }).toMatchObject({
    status: 302,
    ...admission,
  });
  await intermission.close();
});

test("a visitor who leaves at the gate does not reach the app", async () => {
  const { intermission } = await closedSite();
  onTestFinished(() => intermission.close());
  let open!: (outcome: GateOutcome | undefined) => void;
  const verdict = new Promise<GateOutcome | undefined>((resolve) => (open = resolve));
  vi.spyOn(intermission, "gate").mockReturnValue(verdict);
  const proceed = vi.fn();
  const instead = vi.fn();
  let leave!: () => void;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const url = await serveBare((request, response) => {
    response.once("close", leave);
    gate(request, response, intermission, proceed, { instead });
    socket.destroy();
  });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n");
  await left;
  open(undefined);
  await vi.waitFor(() => expect(instead).toHaveBeenCalledTimes(1));
  expect(proceed).not.toHaveBeenCalled();
});
