export const dynamic = "force-dynamic";

export default function Act() {
  async function save() {
    "use server";
    throw new Error("column orders.note does not exist");
  }
  return (
    <form action={save}>
      <button>Save</button>
    </form>
  );
}
