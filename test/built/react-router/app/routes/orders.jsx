export async function loader() {
  throw new Error("column orders.note does not exist");
}
export default function Orders() {
  return <h1>Orders</h1>;
}
