import Link from "next/link";

export const dynamic = "force-dynamic";

export default function Home() {
  return (
    <main>
      <h1>Hello</h1>
      {["boom", "slow", "late", "act", "moved"].map((name) => (
        <Link key={name} href={`/${name}`} prefetch={false}>
          {name}
        </Link>
      ))}
    </main>
  );
}
