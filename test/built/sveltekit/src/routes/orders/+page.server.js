export function load() {
  throw new Error("column orders.note does not exist");
}
