import { once } from "node:events";
import { createServer } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import type { AddressInfo } from "node:net";
import { base } from "./global-setup.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
  ".json": "application/json",
};

export interface Served {
  /** With the base path: `http://127.0.0.1:1234/intermission/`. */
  readonly address: string;
  close(): Promise<void>;
}

/** A plain file server, as any host of static pages is. */
export async function serveSite(folder: string): Promise<Served> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname);
    const name = path.startsWith(base) ? normalize(path.slice(base.length)) : "404.html";
    const file = join(folder, name.endsWith("/") || name === "." ? join(name, "index.html") : name);
    const found = file.startsWith(folder) && existsSync(file) && statSync(file).isFile();
    const sent = found ? file : join(folder, "404.html");
    response.writeHead(found ? 200 : 404, {
      "content-type": types[extname(sent)] ?? "application/octet-stream",
    });
    response.end(readFileSync(sent));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${String(port)}${base}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
