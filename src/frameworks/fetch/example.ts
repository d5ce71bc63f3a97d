import { serve } from "@hono/node-server";
import { maintenancePage } from "intermission/fetch";

async function handler(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/") return new Response("Hello");
  if (pathname === "/orders") throw new Error("column orders.note does not exist");
  return new Response("Not found", { status: 404 });
}

serve({ fetch: maintenancePage(handler), port: 3000 });
