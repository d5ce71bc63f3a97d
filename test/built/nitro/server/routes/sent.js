import { eventHandler } from "h3";

export default eventHandler(() => new Response("Oh no", { status: 500 }));
