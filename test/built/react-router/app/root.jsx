import { Links, Meta, Outlet, Scripts } from "react-router";

export { middleware } from "./middleware";

export function Layout({ children }) {
  return (
    <html lang="en">
      <head>
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  );
}

export default function Root() {
  return <Outlet />;
}

export function ErrorBoundary() {
  return <h1>Something went wrong</h1>;
}
