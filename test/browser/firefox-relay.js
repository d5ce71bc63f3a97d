#!/usr/bin/env node
/*
 * Starts Firefox for Playwright, and passes WebDriver BiDi on between them. Playwright sets the preferred
 * colour scheme of every context, by a command that Firefox ESR does not know yet; that one is answered here.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { WebSocket, WebSocketServer } from "ws";

const unknown = "emulation.setMediaFeaturesOverride";
const announcement = /^WebDriver BiDi listening on (ws:\S+)/;

const firefox = spawn(process.env["FIREFOX_PATH"] ?? "/usr/bin/firefox-esr", process.argv.slice(2), {
  stdio: ["ignore", "inherit", "pipe"],
});
firefox.on("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => firefox.kill(signal));

createInterface({ input: firefox.stderr }).on("line", (line) => {
  const address = announcement.exec(line)?.[1];
  if (address === undefined) console.error(line);
  else relay(address);
});

function relay(address) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => {
    console.error(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}`);
  });
  server.on("connection", (client, request) => {
    const browser = new WebSocket(address + request.url);
    const opened = new Promise((resolve) => browser.once("open", resolve));
    client.on("message", async (data) => {
      const text = String(data);
      const { id, method } = JSON.parse(text);
      if (method === unknown) return client.send(JSON.stringify({ type: "success", id, result: {} }));
      await opened;
      browser.send(text);
    });
    browser.on("message", (data) => client.send(String(data)));
    browser.on("error", (error) => console.error(String(error)));
    browser.on("close", () => client.close());
    client.on("close", () => browser.close());
  });
}
