import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";

// Named by the time otherwise, so that no two builds were the same.
const version = { name: "v1.0" };

export default { plugins: [sveltekit({ adapter: adapter(), version })] };
