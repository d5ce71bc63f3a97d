/* An app that requests itself uses the answer it gets. */
export async function load({ fetch }) {
  const { status, headers } = await fetch("/api/orders");
  return { seen: `${status} ${headers.get("retry-after")}` };
}
