/** What an app of SvelteKit installs. */
export const packages = {
  "@sveltejs/adapter-node": "5.5.7",
  "@sveltejs/kit": "2.70.4",
  "@sveltejs/vite-plugin-svelte": "5.1.1",
  libsql: "0.5.29",
  svelte: "5.57.3",
  vite: "6.4.6",
};

export const build = ["vite", "build"] as const;
