import { writePage } from "../harness/prepared-page.js";
import { prepareReleases } from "../harness/releases.js";
import { median, percentile } from "../harness/statistics.js";
import { measureTurns } from "../harness/turns.js";
import { browserHeaders } from "../harness/wrk.js";

export const name = "cost";
export const about = "Processor time of a request, without Intermission, with its adapter and with auto";

const apps = [
  { title: "node:http", app: "node" },
  { title: "Express 5", app: "express" },
  { title: "Fastify 5", app: "fastify" },
  { title: "Koa 3", app: "koa" },
  { title: "Hono 4", app: "hono" },
  { title: "h3 2", app: "h3" },
  { title: "Nest 11, Express", app: "nest", environment: { PLATFORM: "express" } },
  { title: "Nest 11, Fastify", app: "nest", environment: { PLATFORM: "fastify" } },
];

const auto = ["--import", "intermission/auto"];

/** The same app twice must cost the same, or the other results are worthless. Share of the cost. */
const maximumNoise = 0.02;
/** What Intermission may add to a success, and to an unmasked error. Share of the cost. */
const mostAdded = 0.01;
/** What the page may cost over the app's own 500, in µs; and over the handler, as a share. */
const mostOverError = 4;
const mostOfHandler = 1.05;

/**
 * @param options `only`: names of bench/apps. `pairs`: how often each app is started; `seconds`: four turns
 * each. `warm`: ms before they count.
 */
export async function measure({ only, pairs, seconds, warm, folder, say }) {
  const { match, mismatch } = await prepareReleases(folder);
  const { file } = await writePage(folder);
  const rows = [];
  const figures = [];
  for (const { title, app, environment } of apps.filter(({ app }) => only?.includes(app) ?? true)) {
    const side = (variant, status, more = {}, nodeOptions = []) => ({
      ...{ app, status, nodeOptions, environment: { VARIANT: variant, ...environment, ...more } },
    });
    const run = async (path, sides) => {
      const settings = { rounds: Math.min(pairs, 3), turns: 4 * seconds, warm, folder };
      const costs = await measureTurns(sides, { path, headers: browserHeaders }, settings);
      figures.push({ title, path, costs });
      say(`${title} ${path}: ${describe(costs)}`);
      return costs;
    };
    const success = await run("/", {
      without: side("plain", 200),
      again: side("plain", 200),
      adapter: side("page", 200, match),
      auto: side("plain", 200, match, auto),
    });
    rows.push(...toRows(title, "a success", success, "without", addedVerdict));
    const failure = await run("/broken", {
      without: side("plain", 500),
      again: side("plain", 500),
      adapter: side("page", 500, match),
      auto: side("plain", 500, match, auto),
      handler: side("handler", 503, { PAGE_FILE: file }),
      "adapter, page": side("page", 503, mismatch),
      "auto, page": side("plain", 503, mismatch, auto),
    });
    const { handler, "adapter, page": adapterPage, "auto, page": autoPage, ...regular } = failure;
    rows.push(...toRows(title, "an error, releases match", regular, "without", addedVerdict));
    const { without, again } = failure;
    const masked = { without, again, handler, adapter: adapterPage, auto: autoPage };
    rows.push(...toRows(title, "an error that becomes the page", masked, "handler", pageVerdict));
  }
  return {
    columns: ["app", "answer", "side", "CPU µs", "quartiles", "over without, µs", "ratio", "to", "reached"],
    rows,
    figures,
    notes: [
      `Medians of turns; the ratio is the median of the turns' ratios to their neighbour, "again" is the app without Intermission a second time. Where that differs by more than ${maximumNoise * 100} %, the machine was too noisy for a verdict.`,
      `Reached: a ratio of at most ${1 + mostAdded} to the app without Intermission; for the page, at most ${mostOverError} µs over the app's own 500 and ${mostOfHandler} of an error handler that logs as the framework does and sends the same bytes.`,
    ],
  };
}

function describe(costs) {
  return Object.entries(costs)
    .map(([name, rounds]) => `${name} ${median(rounds.flat()).toFixed(1)}`)
    .join(", ");
}

/** @param costs By side, rounds of turns. `base`: the side that the others are compared with. */
export function toRows(title, answer, costs, base, verdictOn) {
  const noise = Math.abs(ratioOf(costs.again, costs.without) - 1);
  return Object.entries(costs).map(([side, rounds]) => {
    const turns = rounds.flat();
    const over = median(differences(rounds, costs.without));
    const ratio = ratioOf(rounds, costs[base]);
    const isOurs = side === "adapter" || side === "auto";
    return [
      title,
      answer,
      side,
      median(turns).toFixed(1),
      `${percentile(turns, 0.25).toFixed(1)} to ${percentile(turns, 0.75).toFixed(1)}`,
      side === "without" ? "" : over.toFixed(1),
      side === base ? "" : ratio.toFixed(3),
      side === base ? "" : base,
      isOurs ? (noise > maximumNoise ? "too noisy" : verdictOn(ratio, over)) : "",
    ];
  });
}

function addedVerdict(ratio) {
  return ratio <= 1 + mostAdded ? "yes" : "no";
}

function pageVerdict(ratio, over) {
  return ratio <= mostOfHandler && over <= mostOverError ? "yes" : "no";
}

function differences(rounds, base) {
  return rounds.flatMap((turns, round) => turns.map((cost, index) => cost - base[round][index]));
}

function ratioOf(rounds, base) {
  return median(rounds.flatMap((turns, round) => turns.map((cost, index) => cost / base[round][index])));
}
