/** Prometheus's text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly samples: Iterable<Sample>;
}

export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string | number>>;
  /** Appended to the family's name. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

export function toExposition(families: readonly MetricFamily[]): string {
  return families.map(toText).join("");
}

/** @param buckets Each upper bound, and how many values are at or below it. The last bound is infinite. */
export function histogramSamples(
  buckets: readonly (readonly [bound: number, count: number])[],
  sum: number,
): readonly Sample[] {
  return [
    ...buckets.map(([bound, value]): Sample => ({
      suffix: "_bucket",
      labels: { le: bound === Number.POSITIVE_INFINITY ? "+Inf" : bound },
      value,
    })),
    { suffix: "_sum", value: sum },
    { suffix: "_count", value: buckets.at(-1)?.[1] ?? 0 },
  ];
}

function toText({ name, help, kind, samples }: MetricFamily): string {
  const lines = Array.from(
    samples,
    ({ suffix = "", labels = {}, value }) => `${name}${suffix}${toLabels(labels)} ${String(value)}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join("")}`;
}

function toLabels(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(String(value))}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
