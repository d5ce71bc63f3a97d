const children = new Set();

process.once("exit", () => {
  for (const { child, signal } of children) child.kill(signal);
});
for (const reason of ["SIGINT", "SIGTERM"]) process.once(reason, () => process.exit(1));

/** Ends a child process with this one, however this one ends (except by SIGKILL). */
export function endWithUs(child, signal = "SIGKILL") {
  const entry = { child, signal };
  children.add(entry);
  child.once("exit", () => children.delete(entry));
}
