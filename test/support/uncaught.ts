/** What would have ended the process, were it an app, while some work was done. */
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
