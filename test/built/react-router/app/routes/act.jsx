import { Form } from "react-router";

export async function action() {
  throw new Error("column orders.note does not exist");
}

export default function Act() {
  return (
    <Form method="post">
      <button>Save</button>
    </Form>
  );
}
