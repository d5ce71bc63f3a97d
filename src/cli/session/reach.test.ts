import { describe, expect, test } from "vitest";
import type { Environment } from "../../core/release.ts";
import { confinementOf, type Surroundings } from "./reach.ts";

const root = "24 1 0:22 / / rw,relatime - overlay overlay rw\n";

function around({
  environment = {},
  files = {},
  links = {},
}: {
  readonly environment?: Environment;
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
} = {}): Surroundings {
  return {
    environment,
    exists: (path) => path in files,
    read: (path) => files[path],
    realPath: (path) => links[path] ?? (path === "/" ? "/" : undefined),
    temporary: ["/tmp"],
  };
}

const docker = { "/.dockerenv": "", "/proc/self/mountinfo": root };

describe("a file is not everybody's record", () => {
  test("on platforms whose machines share no file: each is named, with the mark and the remedy", () => {
    const marks = [
      ["DYNO", "web.1", "this dyno of Heroku"],
      ["FLY_APP_NAME", "shop", "this machine of Fly"],
      ["RENDER", "true", "this instance of Render"],
      ["RAILWAY_SERVICE_ID", "1", "this container of Railway"],
      ["K_SERVICE", "shop", "this instance of Cloud Run"],
      ["GAE_INSTANCE", "1", "this instance of App Engine"],
    ] as const;
    for (const [name, value, title] of marks) {
      // A volume there belongs to one machine.
      const files = { "/proc/self/mountinfo": `${root}25 24 8:1 / /data rw - ext4 /dev/sda rw\n` };
      const confined = confinementOf("/data/state.db", around({ environment: { [name]: value }, files }));
      expect(confined).toEqual({
        found: `only ${title} sees (${name})`,
        remedy: expect.stringMatching(
          /^Set MAINTENANCE_STORE, .* to a server such as PostgreSQL or Redis\.$/,
        ),
      });
      expect(confinementOf("/data/state.db", around({ environment: { [name]: " " } }))).toBeUndefined();
    }
  });

  test("in a container, by each of its marks, where no volume holds the file", () => {
    for (const [environment, files, words] of [
      [{}, { "/.dockerenv": "" }, "this container sees (/.dockerenv)"],
      [{}, { "/run/.containerenv": "" }, "this container sees (/run/.containerenv)"],
      [{}, { "/proc/1/cgroup": "3:cpu:/kubepods/pod1\n" }, "this container sees (/proc/1/cgroup)"],
      [{ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, {}, "this pod of Kubernetes sees (KUBERNETES_SERVICE_HOST)"],
      [{ ECS_CONTAINER_METADATA_URI_V4: "http://x" }, {}, "this task of ECS"],
      [{ AWS_LAMBDA_FUNCTION_NAME: "shop" }, {}, "this instance of Lambda"],
      [{ NOMAD_ALLOC_ID: "1" }, {}, "this allocation of Nomad"],
    ] as const) {
      const subject = around({ environment, files: { "/proc/self/mountinfo": root, ...files } });
      const confined = confinementOf("/app/.intermission/state.db", subject);
      expect(confined?.found).toContain(words);
      expect(confined?.remedy).toContain("a file on a volume that they share");
    }
  });

  test("in memory that is mounted in a container", () => {
    const mounts = `${root}25 24 0:30 / /run/app rw - tmpfs tmpfs rw\n`;
    const subject = around({ files: { ...docker, "/proc/self/mountinfo": mounts } });
    expect(confinementOf("/run/app/state.db", subject)?.found).toContain("only this container");
  });

  test("in a release's own folder, also where a link leads there", () => {
    for (const [file, links] of [
      ["/srv/shop/releases/20261130120000/.intermission/state.db", {}],
      ["/srv/shop/releases/42/.intermission/state.db", {}],
      ["/srv/shop/current/.intermission/state.db", { "/srv/shop/current": "/srv/shop/releases/42" }],
    ] as const) {
      expect(confinementOf(file, around({ links }))).toEqual({
        found: "belongs to this release's folder, so the next release begins another record",
        remedy: expect.stringContaining("sqlite:/srv/shop/shared/intermission.db") as string,
      });
    }
  });
});

describe("nothing is said", () => {
  test("on a machine of one's own", () => {
    expect(confinementOf("/srv/shop/.intermission/state.db", around())).toBeUndefined();
  });

  test("of a volume in a container, whatever its name, and of a volume in a pod", () => {
    const mounts = [
      "25 24 8:1 /v /var/lib/shop rw - ext4 /dev/sda rw",
      String.raw`26 24 8:1 /w /my\040disk rw master:1 - ext4 /dev/sda rw`,
    ];
    const files = { ...docker, "/proc/self/mountinfo": `${root}${mounts.join("\n")}\n` };
    for (const file of ["/var/lib/shop/state.db", "/my disk/a/state.db"]) {
      expect(confinementOf(file, around({ files }))).toBeUndefined();
      const environment = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
      expect(confinementOf(file, around({ files, environment }))).toBeUndefined();
    }
    expect(confinementOf("/var/lib/shopping/state.db", around({ files }))).toBeDefined();
  });

  test("of a trial's temporary file in a container, but not in a pod", () => {
    expect(confinementOf("/tmp/x/state.db", around({ files: docker }))).toBeUndefined();
    expect(confinementOf("/tmpfiles/state.db", around({ files: docker }))).toBeDefined();
    const environment = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    expect(confinementOf("/tmp/x/state.db", around({ environment }))).toBeDefined();
  });

  test("of a folder that all releases share, though the path to it leads through one", () => {
    const links = { "/srv/shop/releases/42/.intermission": "/srv/shop/shared/.intermission" };
    expect(confinementOf("/srv/shop/releases/42/.intermission/state.db", around({ links }))).toBeUndefined();
    expect(confinementOf("/srv/releases/shop/state.db", around())).toBeUndefined();
  });
});
