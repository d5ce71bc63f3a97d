import { data } from "react-router";
export async function loader() {
  throw data("no", { status: 500 });
}
export default function Orders() {
  return <h1>Orders</h1>;
}
