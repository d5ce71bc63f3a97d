import adapter from "@sveltejs/adapter-node";

// Named by the time otherwise, so that no two builds were the same.
export default { kit: { adapter: adapter(), version: { name: "v1.0" } } };
