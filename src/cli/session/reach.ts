import { existsSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { readVariable, type Environment } from "../../core/release.ts";
import type { Call } from "../arguments/command.ts";
import { placeOf, type Session } from "./session.ts";

/** What the machine shows of itself. */
export interface Surroundings {
  readonly environment: Environment;
  exists(path: string): boolean;
  /** undefined: there is no such file, or it can't be read. */
  read(path: string): string | undefined;
  /** Without links. undefined: nothing is there. */
  realPath(path: string): string | undefined;
  /** Folders for what need not last. */
  readonly temporary: readonly string[];
}

/** Why other instances, or the next release, have another record. */
export interface Confinement {
  /** For after "is a file that": `only this container sees (/.dockerenv)`. */
  readonly found: string;
  readonly remedy: string;
}

/**
 * Platforms whose instances and deploys share no file, not even on a volume: it belongs to one machine, and
 * the deploy's own machine has none.
 */
const platforms: readonly (readonly [variable: RegExp, title: string])[] = [
  [/^DYNO$/, "this dyno of Heroku"],
  [/^FLY_(?:APP_NAME|MACHINE_ID)$/, "this machine of Fly"],
  [/^RENDER$/, "this instance of Render"],
  [/^RAILWAY_(?:ENVIRONMENT|PROJECT|SERVICE|DEPLOYMENT|REPLICA)/, "this container of Railway"],
  [/^K_SERVICE$/, "this instance of Cloud Run"],
  [/^GAE_(?:INSTANCE|SERVICE)$/, "this instance of App Engine"],
];

/** Platforms that can mount a shared volume. */
const orchestrators = [
  ["KUBERNETES_SERVICE_HOST", "this pod of Kubernetes"],
  ["ECS_CONTAINER_METADATA_URI_V4", "this task of ECS"],
  ["AWS_LAMBDA_FUNCTION_NAME", "this instance of Lambda"],
  ["NOMAD_ALLOC_ID", "this allocation of Nomad"],
] as const;

const server = "Set MAINTENANCE_STORE, for the app and for the deploy alike, to a server such as PostgreSQL";

/** This machine's. */
export function surroundings(environment: Environment): Surroundings {
  return {
    environment,
    exists: existsSync,
    read(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    realPath(path) {
      try {
        return realpathSync(path);
      } catch {
        return undefined;
      }
    },
    temporary: [...new Set([tmpdir(), "/tmp", "/var/tmp"])],
  };
}

/**
 * Why a SQLite file is not the record of all instances and deploys.
 *
 * @param file Absolute.
 * @returns undefined: nothing speaks against it.
 */
export function confinementOf(file: string, around: Surroundings): Confinement | undefined {
  const real = realPathOf(file, around);
  const { environment } = around;
  const names = Object.keys(environment).filter((name) => readVariable(environment, name) !== undefined);
  for (const [pattern, title] of platforms) {
    const name = names.find((one) => pattern.test(one));
    if (name !== undefined) return { found: `only ${title} sees (${name})`, remedy: `${server} or Redis.` };
  }
  const container = containerOf(around);
  if (container !== undefined && !isOnVolume(real, around)) {
    // A test or a trial in a container means to have a place of its own.
    const isTrial = container.isPlain && around.temporary.some((folder) => isInside(real, folder));
    if (!isTrial)
      return {
        found: `only ${container.title} sees (${container.mark})`,
        remedy: `${server}, or to a file on a volume that they share.`,
      };
  }
  // Capistrano's and Deployer's; `current` leads there.
  const [, root] = /^(.*)[\\/]releases[\\/][^\\/]*\d[^\\/]*[\\/]/.exec(real) ?? [];
  if (root === undefined) return undefined;
  return {
    found: "belongs to this release's folder, so the next release begins another record",
    remedy: `Set MAINTENANCE_STORE, for the app and for the deploy alike, to a file outside of the releases, such as sqlite:${join(root, "shared", "intermission.db")}, or to a server such as PostgreSQL.`,
  };
}

type Told = Pick<Call, "environment" | "output">;

/** Warns after a write where other machines, or the next release, don't look. */
export function noteReach(session: Session, call: Told): void {
  const { storeSource, leftAlone, address } = session;
  if (/^memory:/i.test(address)) {
    call.output.note(
      "Note: the store memory: is this process's own, and ends with it. Name one that instances share.",
    );
  }
  if (noteConfinement(session, call) || storeSource !== undefined) return;
  const why =
    leftAlone === undefined
      ? "no store was named (--store, MAINTENANCE_STORE, DATABASE_URL)"
      : `DATABASE_URL is the app's own (${leftAlone}), and neither --store nor MAINTENANCE_STORE names a store`;
  call.output.note(`Note: ${why}, so it was recorded in ${address}, which only this machine sees.`);
}

/** Warns of a file that is not everybody's record. Returns whether it is one. */
export function noteConfinement(session: Session, { environment, output }: Told): boolean {
  if (!isFile(session.address)) return false;
  const file = placeOf(session);
  const confined = confinementOf(file, surroundings(environment));
  if (confined === undefined) return false;
  const { found, remedy } = confined;
  output.note([
    { style: "yellow", text: "Warning:" },
    ` the store sqlite:${file} is a file that ${found}. ${remedy}`,
  ]);
  return true;
}

export function isFile(address: string): boolean {
  return /^sqlite:/i.test(address);
}

interface Container {
  readonly title: string;
  readonly mark: string;
  /** No orchestrator runs it. */
  readonly isPlain: boolean;
}

function containerOf({ environment, exists, read }: Surroundings): Container | undefined {
  for (const [mark, title] of orchestrators)
    if (readVariable(environment, mark) !== undefined) return { title, mark, isPlain: false };
  const plain = (mark: string): Container => ({ title: "this container", mark, isPlain: true });
  for (const mark of ["/.dockerenv", "/run/.containerenv"]) if (exists(mark)) return plain(mark);
  // Version 2 of cgroups shows no names there.
  if (/docker|kubepods|containerd|libpod|lxc/.test(read("/proc/1/cgroup") ?? ""))
    return plain("/proc/1/cgroup");
  return undefined;
}

/** proc_pid_mountinfo(5): a mount of its own, other than the container's root or memory. */
function isOnVolume(file: string, { read }: Surroundings): boolean {
  const mounts = (read("/proc/self/mountinfo") ?? "").split("\n").flatMap((line) => {
    const [fields = "", type = ""] = line.split(" - ");
    const point = fields
      .split(" ")[4]
      ?.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)));
    return point === undefined || !isInside(file, point) ? [] : [{ point, type: type.split(" ")[0] }];
  });
  const [nearest] = mounts.toSorted((one, other) => other.point.length - one.point.length);
  return nearest !== undefined && nearest.point !== "/" && nearest.type !== "tmpfs";
}

function isInside(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The file may not exist yet. */
function realPathOf(file: string, { realPath }: Surroundings): string {
  for (let folder = file; ; folder = dirname(folder)) {
    const real = realPath(folder);
    if (real !== undefined) return join(real, file.slice(folder.length));
    if (dirname(folder) === folder) return file;
  }
}
