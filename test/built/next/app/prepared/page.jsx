export default function Prepared() {
  return <h1>Rendered by the build</h1>;
}
