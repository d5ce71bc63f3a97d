export default function Boom() {
  return null;
}

export async function getServerSideProps() {
  throw new Error("column orders.note does not exist");
}
