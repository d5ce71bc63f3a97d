import { setTimeout } from "node:timers/promises";

export const dynamic = "force-dynamic";

export default async function Slow() {
  await setTimeout(20);
  throw new Error("column orders.note does not exist");
}
