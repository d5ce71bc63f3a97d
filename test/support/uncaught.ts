/** The errors that would have ended the process during some work. */
export async function uncaughtDuring(work: () => Promise<void>): Promise<readonly unknown[]> {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on("uncaughtException", note);
  try {
    await work();
  } finally {
    process.off("uncaughtException", note);
  }
  return uncaught;
}
