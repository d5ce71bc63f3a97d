import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";

// By default named by the time, so that no two builds would be equal.
const version = { name: "v1.0" };

export default { plugins: [sveltekit({ adapter: adapter(), version })] };
