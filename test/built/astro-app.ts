/** What an app of Astro installs. */
export const packages = { "@astrojs/node": "9.5.5", astro: "5.18.2", libsql: "0.5.29" };

export const build = ["astro", "build"] as const;
