/** The command line itself was wrong: nothing was tried. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
