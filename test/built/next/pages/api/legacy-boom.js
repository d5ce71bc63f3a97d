export default function handler() {
  throw new Error("column orders.note does not exist");
}
