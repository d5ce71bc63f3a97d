import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export const alertsFile = join(root, "deploy/prometheus/alerts.yml");
export const alertsTestFile = join(root, "deploy/prometheus/alerts.test.yml");

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(join(root, "deploy/grafana/dashboard.json"), "utf8")) as Dashboard;
}

export function alertExpressions(): readonly string[] {
  return [...readFileSync(alertsFile, "utf8").matchAll(/^ +expr: (.+)$/gm)].map(
    ([, expression]) => expression ?? "",
  );
}

/** As Grafana sends them, with values for its variables. */
export function dashboardExpressions(): readonly string[] {
  return readDashboard()
    .panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
    .map((expression) => expression.replace(/\$__(rate_interval|range)\b/g, "5m").replaceAll("$job", ".*"));
}

/** The names in an expression: metrics, and the labels it selects or groups by. */
export function namesIn(expression: string): {
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
} {
  const labels: string[] = [];
  const bare = expression
    .replace(/\{([^}]*)\}/g, (_, selectors: string) => {
      labels.push(...[...selectors.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label ?? ""));
      return "";
    })
    .replace(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_, list: string) => {
      labels.push(...list.split(",").map((label) => label.trim()));
      return "";
    })
    .replace(/\[[^\]]*\]/g, "");
  // A name before a bracket is a function or an aggregation.
  const metrics = [...bare.matchAll(/\b[a-z_:][\w:]*\b(?!\s*\()/gi)].map(([name]) => name);
  return { metrics, labels };
}
