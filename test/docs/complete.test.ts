import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { settingsTable } from "../../src/core/settings/table.ts";
import * as metrics from "../../src/telemetry/metrics.ts";
import { documents, readDocument, root } from "./blocks.ts";

/** The first cells of a document's table rows, without backticks. */
function firstCells(document: string): readonly string[] {
  return [...readDocument(document).matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell ?? "");
}

describe("docs/settings.md", () => {
  test("explains every option", () => {
    for (const name of Object.keys(settingsTable))
      expect(readDocument("docs/settings.md")).toContain(`**\`${name}\``);
  });
});

test("docs/monitoring.md lists every metric with its labels, and every alert", () => {
  const { closedRequests, errors, maskedErrors, wait, gauges } = metrics;
  const rows = readDocument("docs/monitoring.md").split("\n");
  for (const { name } of [wait, ...gauges]) expect(firstCells("docs/monitoring.md")).toContain(name);
  for (const { name, labels } of [closedRequests, errors, maskedErrors]) {
    const cells = rows.find((row) => row.startsWith(`| \`${name}\``))?.split("|");
    expect([...(cells?.[3] ?? "").matchAll(/`(\w+)`/g)].map(([, label]) => label)).toEqual(labels);
  }
  const rules = readFileSync(join(root, "deploy/prometheus/alerts.yml"), "utf8");
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, alert]) => alert);
  expect(alerts.length).toBeGreaterThan(0);
  expect(firstCells("docs/monitoring.md")).toEqual(expect.arrayContaining(alerts));
});

test("docs/how-it-decides.md has every reason, in the order in which they are asked for", () => {
  const reasons = [...readDocument("docs/how-it-decides.md").matchAll(/^\| \d+ .*\| `([a-z-]+)` *\|$/gm)];
  expect(reasons.map(([, reason]) => reason)).toEqual(inOrder());

  function inOrder(): readonly string[] {
    const source = readFileSync(join(root, "src/core/decide.ts"), "utf8");
    const names = [...source.matchAll(/(?:return|[?:]) verdicts\.(\w+)/g)].map(([, name]) => name ?? "");
    return names.map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
  }
});

describe.each(documents)("the links of %s", (document) => {
  const links = [...readDocument(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link ?? "")
    .filter((link) => !/^https?:/.test(link));

  test("lead somewhere", () => {
    const dead = links.filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? document : join(dirname(document), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  function anchorsOf(target: string): readonly string[] {
    return [...readDocument(target).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      (heading ?? "")
        .toLowerCase()
        .replace(/[^a-z0-9 _-]/g, "")
        .replaceAll(" ", "-"),
    );
  }
});
