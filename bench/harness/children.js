const children = new Set();

process.once("exit", () => {
  for (const { child, signal } of children) child.kill(signal);
});
for (const reason of ["SIGINT", "SIGTERM"]) process.once(reason, () => process.exit(1));

/** Has a child process end with this one, however this one ends (but by SIGKILL). */
export function endWithUs(child, signal = "SIGKILL") {
  const entry = { child, signal };
  children.add(entry);
  child.once("exit", () => children.delete(entry));
}
