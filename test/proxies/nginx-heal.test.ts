import { join } from "node:path";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { runCli, temporaryFolder } from "../cli/run-cli.ts";
import { openProxy } from "../django/proxy.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import { listen, visit, type RunningServer } from "../support/http.ts";
import { readRecipe, recipes } from "./site.ts";

/** Its old release fails on /orders from the deploy on. */
async function startInstance(release: () => string, fails: () => boolean): Promise<RunningServer> {
  const server = await listen((request, response) => {
    const broken = fails() && request.url === "/orders";
    response.writeHead(broken ? 500 : 200, { "x-release": release() }).end(`${release()} answers`);
  });
  onTestFinished(() => server.close());
  return server;
}

const portOf = ({ url }: RunningServer): number => Number(new URL(url).port);

describeWithServer("nginx that heals", { available: isNginxAvailable(), packageName: "nginx" }, () => {
  test("asks another instance in a deploy, of what may be repeated, and never at another time", async () => {
    const folder = temporaryFolder();
    const databaseUrl = `sqlite:${join(folder, "state.db")}`;
    const env = { MAINTENANCE_STORE: databaseUrl };
    await runCli(["create-release", "v1.0"], { cwd: folder, env });
    let broken = true;
    let newFails = false;
    let newRelease = "v1.0";
    const old = await startInstance(
      () => "v1.0",
      () => broken,
    );
    const other = await startInstance(
      () => newRelease,
      () => newFails,
    );
    // deploy/nginx/README.md
    const readme = readFileSync(join(recipes, "nginx/README.md"), "utf8");
    const [, block = ""] = /\n## Healing\n[^]*?```nginx\n([^]*?)```/.exec(readme) ?? [];
    const { url } = await openProxy({ databaseUrl, ports: [portOf(old), portOf(other)] }, (place) =>
      startNginx({
        ...place,
        configuration: readRecipe("nginx/plain.conf", place)
          .replace(
            /server 127[^;]*;/,
            [old, other].map((each) => `server 127.0.0.1:${String(portOf(each))} max_fails=0;`).join(" "),
          )
          .replace("location @watched {\n", `location @watched {\n${block}`),
      }),
    );
    const statuses = async (method: string): Promise<readonly number[]> => {
      const answers: number[] = [];
      for (let index = 0; index < 8; index++) answers.push((await visit(`${url}/orders`, { method })).status);
      return [...new Set(answers)].sort();
    };
    expect(await statuses("GET")).toEqual([200, 500]);

    newRelease = "v1.1";
    await runCli(["create-release", "v1.1"], { cwd: folder, env });
    expect(await statuses("GET")).toEqual([200]);
    expect(await statuses("POST")).toEqual([200, 503]);
    newFails = true;
    // An error of the new release is regular, whoever was asked before.
    expect(await statuses("GET")).toEqual(expect.arrayContaining([500]));
    newFails = false;
    broken = false;
    expect(await statuses("POST")).toEqual([200]);
  });
});
