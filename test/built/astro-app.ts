import type { Major } from "./majors.ts";

interface AstroMajor extends Major {
  /** Makes it cache routes' answers, if it can. */
  readonly cache: Readonly<Record<string, unknown>>;
}

const kept = {
  cache: { provider: { entrypoint: "astro/cache/memory" } },
  routeRules: { "/orders": { maxAge: 60 } },
};

export const majors: readonly AstroMajor[] = [
  {
    major: 7,
    packages: { "@astrojs/node": "11.1.6", astro: "7.3.5", libsql: "0.5.29" },
    from: [22, 12],
    cache: kept,
  },
  {
    major: 6,
    packages: { "@astrojs/node": "10.1.4", astro: "6.4.8", libsql: "0.5.29" },
    from: [22, 12],
    cache: { experimental: kept },
  },
  {
    major: 5,
    packages: { "@astrojs/node": "9.5.5", astro: "5.18.2", libsql: "0.5.29" },
    from: [20, 3],
    cache: {},
  },
];

export const build = ["astro", "build"] as const;
