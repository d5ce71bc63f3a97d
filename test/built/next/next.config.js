export default {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  serverExternalPackages: ["intermission"],
  outputFileTracingIncludes: { "/*": ["node_modules/intermission/**/*"] },
  typescript: { ignoreBuildErrors: true },
};
