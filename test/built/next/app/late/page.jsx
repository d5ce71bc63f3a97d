import { setTimeout } from "node:timers/promises";
import { Suspense } from "react";

export const dynamic = "force-dynamic";

async function Orders() {
  await setTimeout(20);
  throw new Error("column orders.note does not exist");
}

export default function Late() {
  return (
    <Suspense fallback="The shell">
      <Orders />
    </Suspense>
  );
}
