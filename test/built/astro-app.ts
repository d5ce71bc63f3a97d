import type { Major } from "./majors.ts";

export const majors: readonly Major[] = [
  {
    major: 7,
    packages: { "@astrojs/node": "11.1.6", astro: "7.3.5", libsql: "0.5.29" },
    from: [22, 12],
  },
  {
    major: 6,
    packages: { "@astrojs/node": "10.1.4", astro: "6.4.8", libsql: "0.5.29" },
    from: [22, 12],
  },
  {
    major: 5,
    packages: { "@astrojs/node": "9.5.5", astro: "5.18.2", libsql: "0.5.29" },
    from: [20, 3],
  },
];

export const build = ["astro", "build"] as const;
