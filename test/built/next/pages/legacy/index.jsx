import Link from "next/link";

export default function Legacy() {
  return (
    <Link href="/legacy/boom" prefetch={false}>
      boom
    </Link>
  );
}

export function getServerSideProps() {
  return { props: {} };
}
