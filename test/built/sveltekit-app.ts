import type { Major } from "./majors.ts";

interface SvelteKitMajor extends Major {
  /** What it logs for GET /orders and GET /missing, without colours. */
  readonly logs: readonly string[];
}

export const majors: readonly SvelteKitMajor[] = [
  {
    major: 3,
    packages: {
      "@sveltejs/adapter-node": "6.0.1",
      "@sveltejs/kit": "3.2.0",
      "@sveltejs/vite-plugin-svelte": "7.3.1",
      libsql: "0.5.29",
      svelte: "5.57.3",
      vite: "8.3.8",
    },
    from: [22, 17],
    logs: ["Error: column orders.note does not exist\n    at load"],
  },
  {
    major: 2,
    packages: {
      "@sveltejs/adapter-node": "5.5.7",
      "@sveltejs/kit": "2.70.4",
      "@sveltejs/vite-plugin-svelte": "5.1.1",
      libsql: "0.5.29",
      svelte: "5.57.3",
      vite: "6.4.6",
    },
    from: [20, 0],
    logs: ["[500] GET /orders\nError: column orders.note does not exist\n    at load", "[404] GET /missing"],
  },
];

export const build = ["vite", "build"] as const;
