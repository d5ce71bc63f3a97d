import { createServer as createHttpServer } from "node:http";

export const rows = [{ title: "Fetch handler", packages: [], createServer }];

async function createServer() {
  const { maintenancePage } = await import("intermission/fetch");
  const handler = maintenancePage((request) => {
    if (new URL(request.url).pathname === "/") return new Response("Hello");
    throw new Error("broken by the deploy");
  });
  return createHttpServer(async (request, response) => {
    const answer = await handler(new Request(`http://${request.headers.host}${request.url}`)).catch(
      () => new Response("Internal Server Error", { status: 500 }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
}
