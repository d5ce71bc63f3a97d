import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const dockerfile = resolve(import.meta.dirname, "../../deploy/container/Dockerfile");

export interface Image {
  /** As docker inspect shows it. */
  readonly config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Healthcheck: { readonly Test: readonly string[] };
  };
  /** Its files. */
  readonly root: string;
  /**
   * Starts a program in it, as the image's user and with a root that nobody can write to.
   *
   * @param volume A folder that is mounted on /tmp.
   */
  start(
    words: readonly string[],
    options?: { readonly environment?: Readonly<Record<string, string>>; readonly volume?: string },
  ): ChildProcess;
  remove(): void;
}

/**
 * Builds the Dockerfile. Its bases come from registries, so stand-ins are made of this machine's own files:
 * the one has what its RUN line calls, the other the libraries of distroless/cc.
 */
export async function buildImage(context: string): Promise<Image> {
  const place = mkdtempSync(join(tmpdir(), "intermission-image-"));
  const policy = join(place, "policy.json");
  writeFileSync(policy, JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  const global = ["--storage-driver", "vfs", "--root", join(place, "store"), "--runroot", join(place, "run")];
  const buildah = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)("buildah", [...global, ...words], { maxBuffer: 50e6 })).stdout.trim();
  const build = (...words: readonly string[]): Promise<string> =>
    buildah("bud", "--isolation", "chroot", "--signature-policy", policy, "--format", "docker", ...words);

  for (const [name, fill] of [
    ["debian", fillDebian],
    ["base", fillBase],
  ] as const) {
    const files = join(place, name);
    fill(files);
    const file = join(place, `${name}.Dockerfile`);
    writeFileSync(file, "FROM scratch\nCOPY . /\n");
    await build("--tag", `localhost/${name}`, "--file", file, files);
  }
  const bases = ["--build-arg", "DEBIAN=localhost/debian", "--build-arg", "BASE=localhost/base"];
  await build("--pull-never", ...bases, "--tag", "localhost/intermission", "--file", dockerfile, context);
  const container = await buildah(
    "from",
    "--pull-never",
    "--signature-policy",
    policy,
    "localhost/intermission",
  );
  const root = await buildah("mount", container);
  const inspected = JSON.parse(await buildah("inspect", container)) as {
    readonly Docker: { readonly config: Image["config"] };
  };
  const { config } = inspected.Docker;

  return {
    config,
    root,
    start(words, { environment = {}, volume } = {}) {
      const mounts = [
        `mount --bind ${root} ${root}`,
        `mount -o remount,bind,ro ${root}`,
        `mount --rbind /proc ${root}/proc`,
        ...(volume === undefined ? [] : [`mount --bind ${volume} ${root}/tmp`]),
        `exec chroot --userspec=${config.User} ${root} "$@"`,
      ];
      const script = ["-c", mounts.join(" && "), "sh", ...words];
      return spawn("unshare", ["--mount", "/bin/sh", ...script], {
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
    },
    remove() {
      execFileSync("buildah", [...global, "umount", "--all"], { stdio: "ignore" });
      rmSync(place, { recursive: true });
    },
  };
}

/** Takes the place of apt-get where no Debian mirror is asked: the packages are on this machine. */
const aptGet = `#!/bin/sh
case "$1" in
update) ;;
install) shift; for word; do case "$word" in /*) dpkg-deb --extract "$word" / ;; esac; done ;;
*) exit 2 ;;
esac
`;

function fillDebian(folder: string): void {
  const programs = ["sh", "cp", "mkdir", "dpkg-deb", "tar", "gzip", "rm"].map((name) =>
    execFileSync("which", [name], { encoding: "utf8" }).trim(),
  );
  fillTree(folder, programs, ["libatomic.so.1"]);
  writeFileSync(join(folder, "usr/bin/apt-get"), aptGet, { mode: 0o755 });
}

function fillBase(folder: string): void {
  fillTree(folder, [], ["libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libdl.so.2", "libpthread.so.0"]);
}

function fillTree(folder: string, programs: readonly string[], libraries: readonly string[]): void {
  for (const name of ["usr/bin", "usr/lib", "usr/lib64", "proc", "dev", "etc", "tmp"])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["bin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(folder, name));
  const put = (path: string): void => {
    const target = join(folder, path.replace(/^\/(bin|lib|lib64)\//, "/usr/$1/"));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(path, target);
  };
  const known = execFileSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" });
  const paths = libraries.map((name) => {
    const line = known.split("\n").find((each) => each.trim().startsWith(`${name} (libc6,x86-64)`));
    return line?.split("=> ")[1] ?? name;
  });
  for (const path of [...programs, ...paths]) {
    put(path);
    const needed = execFileSync("ldd", [path], { encoding: "utf8" });
    for (const [library] of needed.matchAll(/\/\S+/g)) put(library);
  }
}
