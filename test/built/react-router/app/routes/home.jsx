import { Link } from "react-router";

export async function loader() {
  return { text: "Hello" };
}

export default function Home({ loaderData }) {
  return (
    <main>
      <h1>{loaderData.text}</h1>
      {["orders", "said", "render", "act"].map((name) => (
        <Link key={name} to={`/${name}`}>
          {name}
        </Link>
      ))}
    </main>
  );
}
