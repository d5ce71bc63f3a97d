"use client";
import { loadMaintenancePage } from "intermission/next/client";
import { useEffect } from "react";

export default function GlobalError() {
  useEffect(() => void loadMaintenancePage(), []);
  return (
    <html lang="en">
      <body>Something went wrong</body>
    </html>
  );
}
