/* An app that asks itself goes by what it is told. */
export async function load({ fetch }) {
  const { status, headers } = await fetch("/api/orders");
  return { seen: `${status} ${headers.get("retry-after")}` };
}
