import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { maintenancePage } from "../frameworks/node/index.ts";
import { createIntermission } from "../engine/create.ts";
import { openGuestBook } from "./guest-book.ts";
import { aboutPage, entriesPage } from "./guest-book-page.ts";
import { connectPanel } from "./panel-link.ts";

// One instance of the guest book: a small app on `node:http`, as anybody would write it. It uses only
// `createIntermission` and `maintenancePage` of Intermission; the release and the store come from the
// environment.

const panel = connectPanel();
const intermission = createIntermission({ exempt: ["/health"], onMasked: panel.masked });

// The only difference between the two versions of this app's code.
const nameColumn = intermission.settings.release?.id === "v1.0" ? "author" : "name";
const guestBook = await openGuestBook(process.env["GUEST_BOOK"] ?? "guest-book.db", nameColumn);

const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  try {
    await answer(request, response);
  } catch (error) {
    console.error(error);
    send(response, 500, "<!doctype html><title>Error</title><h1>Internal Server Error</h1>");
  }
};

const server = createServer(maintenancePage(listener, { intermission }));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const method = request.method === "HEAD" ? "GET" : request.method;
  switch (`${String(method)} ${pathname}`) {
    case "GET /":
      send(response, 200, entriesPage(guestBook.entries()));
      return;
    case "GET /about":
      send(response, 200, aboutPage());
      return;
    case "POST /sign":
      await sign(request, response);
      return;
    case "GET /broken":
      throw new Error("A page with a bug: it fails in every release");
    case "GET /health":
      send(response, 200, "ok");
      return;
    default:
      send(response, 404, "<!doctype html><title>Not found</title><h1>Not Found</h1>");
  }
}

async function sign(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(Number(request.headers["content-length"]) <= 2048)) {
    send(response, 413, "<!doctype html><title>Too long</title><h1>Content Too Large</h1>");
    return;
  }
  const form = new URLSearchParams(await text(request));
  const name = form.get("name")?.trim().slice(0, 40) ?? "";
  const message = form.get("message")?.trim().slice(0, 200) ?? "";
  if (name === "" || message === "") {
    send(response, 400, "<!doctype html><title>Incomplete</title><h1>A name and a message, please</h1>");
    return;
  }
  guestBook.sign({ name, message });
  response.writeHead(303, { location: "/", "content-length": 0 }).end();
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

await intermission.ready();
server.listen(0, "127.0.0.1", () => {
  panel.listening(server, intermission);
});

panel.onStop(() => {
  server.close(() => {
    guestBook.close();
    void intermission.close();
  });
});
