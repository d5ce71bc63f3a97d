export async function loader() {
  return null;
}
export default function Orders() {
  throw new Error("column orders.note does not exist");
}
