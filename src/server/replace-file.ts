import { rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";

/** Writes a file so that whoever reads it meanwhile gets the one before or the new one, never a part. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  // In the same folder, since only there a rename replaces at once; its dot keeps it from being served.
  const temporary = join(dirname(path), `.${String(process.pid)}.tmp`);
  await writeFile(temporary, content);
  await rename(temporary, path);
}
