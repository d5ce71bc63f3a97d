import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A self-signed certificate, valid for a day.
 *
 * @param owner The system user whose server reads it, if the tests run as root.
 */
export function makeCertificate(
  name = "localhost",
  { names = "DNS:localhost,IP:127.0.0.1", owner }: { readonly names?: string; readonly owner?: string } = {},
): {
  readonly cert: string;
  readonly key: string;
  readonly certificatePath: string;
  readonly keyPath: string;
} {
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  const certificatePath = join(folder, "certificate.pem");
  const keyPath = join(folder, "key.pem");
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=${name}`;
  execFileSync("openssl", [
    ...words.split(" "),
    ...["-addext", `subjectAltName=${names}`, "-keyout", keyPath, "-out", certificatePath],
  ]);
  if (owner !== undefined && process.getuid?.() === 0) execFileSync("chown", ["-R", owner, folder]);
  return {
    cert: readFileSync(certificatePath, "utf8"),
    key: readFileSync(keyPath, "utf8"),
    certificatePath,
    keyPath,
  };
}
