import { expect, test } from "vitest";
import { histogramSamples, toExposition } from "./exposition.ts";

test("a family has its help, its type and a line for each sample", () => {
  const text = toExposition([
    { name: "up", help: "Whether it is up.", kind: "gauge", samples: [{ value: 1 }] },
    {
      name: "errors_total",
      help: "Errors.",
      kind: "counter",
      samples: [{ labels: { status: 500, reason: "x" }, value: 2 }],
    },
  ]);
  expect(text).toBe(
    "# HELP up Whether it is up.\n# TYPE up gauge\nup 1\n" +
      '# HELP errors_total Errors.\n# TYPE errors_total counter\nerrors_total{status="500",reason="x"} 2\n',
  );
});

test("a label's value may have quotes, backslashes and line breaks in it", () => {
  const samples = [{ labels: { upstream: 'unix:/a"b\\c\nd' }, value: 0 }];
  expect(toExposition([{ name: "n", help: "h", kind: "gauge", samples }])).toContain(
    'n{upstream="unix:/a\\"b\\\\c\\nd"} 0\n',
  );
});

test("a histogram has its buckets, its sum and its count", () => {
  const samples = histogramSamples(
    [
      [0.1, 2],
      [1, 3],
      [Number.POSITIVE_INFINITY, 4],
    ],
    7.5,
  );
  expect(toExposition([{ name: "wait", help: "h", kind: "histogram", samples }])).toBe(
    "# HELP wait h\n# TYPE wait histogram\n" +
      'wait_bucket{le="0.1"} 2\nwait_bucket{le="1"} 3\nwait_bucket{le="+Inf"} 4\nwait_sum 7.5\nwait_count 4\n',
  );
});
