import { maximumDisturbance, measurePairs } from "./pairs.js";
import { median, range } from "./statistics.js";

/**
 * Runs a list of comparisons of two servers, and makes their table.
 *
 * @param comparisons each with `title`, `target` (undefined: none) and the arguments of `measurePairs`.
 */
export async function compare(comparisons, options) {
  const rows = [];
  const figures = [];
  for (const { title, target, ...comparison } of comparisons) {
    options.say(title);
    const result = await measurePairs({ request: {}, ...comparison }, options);
    figures.push({ title, target, ...result });
    rows.push(toRow(title, target, result));
  }
  return {
    columns: [
      "compared",
      "requests/s with",
      "without",
      "ratio of medians",
      "median of ratios",
      "CPU µs a request with",
      "without",
      "ratio of medians",
      "median of ratios",
      "pairs kept / dropped",
      "target",
      "reached",
    ],
    rows,
    figures,
    notes: [
      "Ratios above 1 are in favour of Intermission, in requests as in CPU time. In brackets: the ratios of the single pairs.",
      `A pair is dropped and repeated when more than ${maximumDisturbance * 100} % of the machine went to the host (steal) or to other processes. Reached: both medians of ratios.`,
    ],
  };
}

function toRow(title, target, { pairs, dropped, disturbed }) {
  const all = (side, figure) => pairs.map((pair) => pair[side][figure]);
  const rateRatios = pairs.map((pair) => pair.with.rate / pair.without.rate);
  const costRatios = pairs.map((pair) => pair.without.cost / pair.with.cost);
  const rate = { with: median(all("with", "rate")), without: median(all("without", "rate")) };
  const cost = { with: median(all("with", "cost")), without: median(all("without", "cost")) };
  const reached = target === undefined || Math.min(median(rateRatios), median(costRatios)) >= target;
  return [
    title,
    rate.with.toFixed(0),
    rate.without.toFixed(0),
    (rate.with / rate.without).toFixed(3),
    `${median(rateRatios).toFixed(3)} (${range(rateRatios, 2)})`,
    cost.with.toFixed(1),
    cost.without.toFixed(1),
    (cost.without / cost.with).toFixed(3),
    `${median(costRatios).toFixed(3)} (${range(costRatios, 2)})`,
    `${pairs.length} / ${dropped}${disturbed === 0 ? "" : ` (${disturbed} of the kept ones disturbed)`}`,
    target === undefined ? "" : `>= ${target.toFixed(2)}`,
    target === undefined ? "" : reached ? "yes" : "no",
  ];
}
