export const dynamic = "force-dynamic";

export default function Boom() {
  throw new Error("column orders.note does not exist");
}
