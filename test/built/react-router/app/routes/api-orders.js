export async function loader() {
  throw new Error("column orders.note does not exist");
}
