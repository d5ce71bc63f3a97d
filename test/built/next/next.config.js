export default {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  serverExternalPackages: ["intermission"],
  typescript: { ignoreBuildErrors: true },
};
