import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../cli/run-cli.ts";
import { listen } from "../support/http.ts";
import type { Container, Manifest } from "./manifests.ts";

/** A stand-in for a cluster. */
export interface Cluster {
  /** For `kubectl` and `helm`. */
  readonly kubeconfig: string;
  /** The objects of a kind that exist. */
  objects(kind: string): readonly Stored[];
}

type Stored = Manifest & {
  metadata: { name: string; resourceVersion?: string; labels?: Readonly<Record<string, string>> };
  status?: object;
};

/** Runs a container of a Job to its end. Returns its exit code. */
export type RunContainer = (
  container: Container,
  labels: Readonly<Record<string, string>>,
) => Promise<number>;

const groups: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "api/v1": { secrets: "Secret", services: "Service", pods: "Pod" },
  "apis/apps/v1": { deployments: "Deployment", replicasets: "ReplicaSet" },
  "apis/batch/v1": { jobs: "Job" },
};

/**
 * What Helm asks of the Kubernetes API: it keeps objects of a few kinds, tells who watches them, and runs Jobs.
 * It starts no Deployment, and checks nothing.
 */
export async function startCluster(run: RunContainer): Promise<Cluster> {
  const kept = new Map<string, Stored>();
  const watching = new Set<{ readonly collection: string; readonly response: ServerResponse }>();
  let version = 0;

  function keep(path: string, object: Stored): Stored {
    const type = kept.has(path) ? "MODIFIED" : "ADDED";
    if (object.kind === "Deployment") object.status = allAvailable(object.spec.replicas ?? 1);
    object.metadata.resourceVersion = String(++version);
    kept.set(path, object);
    tell(path, type, object);
    return object;
  }

  function tell(path: string, type: string, object: Stored): void {
    for (const { collection, response } of watching)
      if (path.startsWith(`${collection}/`)) write(response, type, object);
  }

  async function runJob(path: string, job: Stored): Promise<void> {
    const { template } = job.spec;
    if (template === undefined) throw new Error("The Job has no pod.");
    let code = 0;
    for (const container of [...(template.spec.initContainers ?? []), ...template.spec.containers])
      if (code === 0) code = await run(container, template.metadata.labels);
    const type = code === 0 ? "Complete" : "Failed";
    const count = code === 0 ? { succeeded: 1 } : { failed: 1 };
    keep(path, { ...job, status: { ...count, conditions: [{ type, status: "True" }] } });
  }

  function list(collection: string, query: URLSearchParams): readonly Stored[] {
    const labels = (query.get("labelSelector") ?? "").split(",").filter(Boolean);
    const name = /^metadata\.name=(.+)$/.exec(query.get("fieldSelector") ?? "")?.[1];
    return [...kept]
      .filter(([path]) => path.startsWith(`${collection}/`))
      .map(([, object]) => object)
      .filter(({ metadata }) => name === undefined || metadata.name === name)
      .filter(({ metadata }) =>
        labels.every((label) => {
          const [key = "", value] = label.split("=");
          return metadata.labels?.[key] === value;
        }),
      );
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://cluster");
    const path = pathname.slice(1);
    const send = (status: number, document: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
    };
    const missing = (): void => {
      send(404, { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 });
    };
    const discovered = discover(path);
    if (discovered !== undefined) {
      send(200, discovered);
      return;
    }
    const [, group = "", kinds = "", name] =
      /^(.+)\/namespaces\/[^/]+\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    const kind = groups[group]?.[kinds];
    if (kind === undefined) {
      missing();
      return;
    }
    const object = kept.get(path);
    const body = await buffer(request);
    if (request.method === "GET" && name === undefined) {
      if (searchParams.has("watch")) {
        response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
        const watcher = { collection: path, response };
        watching.add(watcher);
        if (searchParams.has("sendInitialEvents")) {
          for (const each of list(path, searchParams)) write(response, "ADDED", each);
          write(response, "BOOKMARK", {
            kind,
            apiVersion: group.replace(/^apis?\//, ""),
            metadata: {
              resourceVersion: String(version),
              annotations: { "k8s.io/initial-events-end": "true" },
            },
          });
        }
        response.on("close", () => watching.delete(watcher));
        return;
      }
      const items = list(path, searchParams);
      const metadata = { resourceVersion: String(version) };
      send(200, { kind: `${kind}List`, apiVersion: group.replace(/^apis?\//, ""), metadata, items });
    } else if (request.method === "POST" || (request.method === "PATCH" && object === undefined)) {
      const created = decode(body);
      const place = name === undefined ? `${path}/${created.metadata.name}` : path;
      send(201, keep(place, created));
      if (kind === "Job") await runJob(place, created);
    } else if (object === undefined) {
      missing();
    } else if (request.method === "DELETE") {
      kept.delete(path);
      tell(path, "DELETED", object);
      send(200, { kind: "Status", apiVersion: "v1", status: "Success" });
    } else {
      send(200, request.method === "GET" ? object : keep(path, decode(body)));
    }
  }

  const server = await listen(
    createServer((request, response) => {
      answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    }),
  );
  onTestFinished(() => server.close());
  const kubeconfig = join(temporaryFolder(), "kubeconfig");
  const context = { cluster: "here", user: "here", namespace: "default" };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "here", cluster: { server: server.url } }],
      users: [{ name: "here", user: { token: "none" } }],
      contexts: [{ name: "here", context }],
      "current-context": "here",
    }),
  );
  return { kubeconfig, objects: (kind) => [...kept.values()].filter((object) => object.kind === kind) };
}

/** A Deployment's status when all its pods run. */
function allAvailable(replicas: number): object {
  const conditions = [{ type: "Available", status: "True" }];
  const counts = { updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
  return { replicas, ...counts, conditions };
}

function write(response: ServerResponse, type: string, object: object): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

/** JSON, or a Secret in protobuf, which Helm sends. */
function decode(body: Buffer): Stored {
  if (!body.subarray(0, 4).equals(Buffer.from("k8s\0"))) return JSON.parse(body.toString()) as Stored;
  const fields = (message: Buffer, number: number): readonly Buffer[] =>
    readFields(message).flatMap(([key, value]) => (key === number ? [value] : []));
  const only = (message: Buffer, number: number): Buffer => fields(message, number)[0] ?? Buffer.alloc(0);
  const pairs = (message: Buffer, number: number, encoding: BufferEncoding): Record<string, string> =>
    Object.fromEntries(
      fields(message, number).map((pair) => [only(pair, 1).toString(), only(pair, 2).toString(encoding)]),
    );
  // k8s.io/apimachinery's runtime.Unknown, then k8s.io/api's Secret and its ObjectMeta.
  const secret = only(body.subarray(4), 2);
  const metadata = only(secret, 1);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: only(metadata, 1).toString(), labels: pairs(metadata, 11, "utf8") },
    data: pairs(secret, 2, "base64"),
    type: only(secret, 3).toString(),
    spec: {},
  } as Stored;
}

/** The fields of a message of protobuf that have a length. */
function readFields(message: Buffer): readonly (readonly [number, Buffer])[] {
  const found: [number, Buffer][] = [];
  let at = 0;
  const readNumber = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = readNumber();
    const value = readNumber();
    if (tag % 8 !== 2) continue;
    found.push([Math.floor(tag / 8), message.subarray(at, at + value)]);
    at += value;
  }
  return found;
}

/** The documents by which a client learns which kinds there are. */
function discover(path: string): object | undefined {
  if (path === "version") return { major: "1", minor: "35", gitVersion: "v1.35.0" };
  if (path === "api") return { kind: "APIVersions", versions: ["v1"] };
  if (path === "apis") {
    const names = Object.keys(groups).filter((group) => group.startsWith("apis/"));
    return {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: names.map((group) => {
        const [, name = "", version = ""] = group.split("/");
        const versions = [{ groupVersion: `${name}/${version}`, version }];
        return { name, versions, preferredVersion: versions[0] };
      }),
    };
  }
  if (path === "openapi/v3") {
    const paths = Object.keys(groups).map((group) => [group, { serverRelativeURL: `/openapi/v3/${group}` }]);
    return { paths: Object.fromEntries(paths) as object };
  }
  if (path.startsWith("openapi/v3/")) return describeGroup(path.replace("openapi/v3/", ""));
  const kinds = groups[path];
  if (kinds === undefined) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: path.replace(/^apis?\//, ""),
    resources: Object.entries(kinds).map(([name, kind]) => ({
      name,
      kind,
      singularName: kind.toLowerCase(),
      namespaced: true,
      verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
    })),
  };
}

/** Says that it validates what it gets, so that Helm does not. */
function describeGroup(path: string): object {
  const [version = "", group = ""] = path
    .replace(/^apis?\//, "")
    .split("/")
    .reverse();
  const parameters = [{ name: "fieldValidation", in: "query", schema: { type: "string" } }];
  const paths = Object.entries(groups[path] ?? {}).map(([name, kind]) => [
    `/${path}/namespaces/{namespace}/${name}/{name}`,
    { patch: { parameters, "x-kubernetes-group-version-kind": { group, version, kind } } },
  ]);
  const info = { title: "Kubernetes", version };
  return { openapi: "3.0.0", info, paths: Object.fromEntries(paths) as object };
}
