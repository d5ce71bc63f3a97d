/*
 * npm run build:binary [-- --node NODE] [--output FILE] [--deb]: the command line as one file, with Node and
 * the clients of all stores inside. https://nodejs.org/api/single-executable-applications.html
 *
 * --node: the Node that goes into the file (else the running one), perhaps for another machine; its version
 * and that of the running one must be the same. --deb: a Debian package beside it, with the units of the
 * gateway and of serve.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";

const root = join(import.meta.dirname, "..");
const { version, description } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const { values } = parseArgs({
  options: {
    node: { type: "string", default: process.execPath },
    output: { type: "string", default: join(root, "build/intermission") },
    deb: { type: "boolean", default: false },
  },
});

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 25 || (major === 25 && minor < 7)) {
  console.error(
    `Expected Node 25.7 or newer, which makes the binary, got ${process.versions.node}. Run: npx --yes node@26 scripts/binary.js`,
  );
  process.exit(1);
}

const output = resolve(values.output);
mkdirSync(dirname(output), { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "intermission-binary-"));
try {
  await bundle(join(folder, "main.mjs"));
  writeFileSync(
    join(folder, "sea.json"),
    JSON.stringify({
      main: join(folder, "main.mjs"),
      mainFormat: "module",
      executable: resolve(values.node),
      output,
      disableExperimentalSEAWarning: true,
      useCodeCache: resolve(values.node) === process.execPath,
      assets: { "package.json": join(root, "package.json") },
    }),
  );
  execFileSync(process.execPath, ["--build-sea", join(folder, "sea.json")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  tell(output);
  if (values.deb) tell(debianPackage());
} finally {
  rmSync(folder, { recursive: true });
}

function tell(file) {
  console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(0)} MB`);
}

async function bundle(file) {
  const build = await rolldown({
    input: join(root, "dist/cli/main.js"),
    platform: "node",
    // Parts of pg and libsql that are compiled for a machine. Node has SQLite itself, and pg does without.
    external: ["pg-native", /^@libsql\//],
    logLevel: "silent",
  });
  // Names stay, for the traces of errors.
  await build.write({ file, format: "esm", codeSplitting: false, minify: { compress: true, mangle: false } });
}

function debianPackage() {
  const tree = join(folder, "tree");
  const architecture = /arm64|aarch64/.test(values.node) ? "arm64" : "amd64";
  const put = (source, path) => cpSync(join(root, source), join(tree, path), { recursive: true });
  mkdirSync(join(tree, "DEBIAN"), { recursive: true });
  cpSync(output, join(tree, "usr/bin/intermission"));
  for (const unit of ["intermission-gateway.service", "intermission-serve.service"])
    put(`deploy/debian/${unit}`, `usr/lib/systemd/system/${unit}`);
  put("deploy/debian/intermission", "etc/default/intermission");
  put("LICENSE", "usr/share/doc/intermission/copyright");
  writeFileSync(join(tree, "DEBIAN/conffiles"), "/etc/default/intermission\n");
  writeFileSync(
    join(tree, "DEBIAN/control"),
    `Package: intermission
Version: ${version}
Architecture: ${architecture}
Maintainer: The Intermission authors <maintainers@intermission.example>
Depends: libatomic1, libc6, libgcc-s1, libstdc++6
Section: web
Priority: optional
Description: ${description}
 The command line, the gateway and the error backend, with everything they need.
`,
  );
  const file = join(dirname(output), `intermission_${version}_${architecture}.deb`);
  execFileSync("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", tree, file], { stdio: "ignore" });
  return file;
}
