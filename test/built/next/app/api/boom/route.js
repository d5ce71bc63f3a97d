export function GET() {
  throw new Error("column orders.note does not exist");
}

export function POST() {
  return Response.json({ error: "no such order" }, { status: 500 });
}
