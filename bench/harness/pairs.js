import { load, summarise } from "./load.js";
import { startServer } from "./server.js";

/** If others used more of the machine than this, a pair does not count. */
export const maximumDisturbance = 0.1;
const warmUp = 2;

/**
 * Measures two servers side by side: in each pair both are new processes, warmed up, and loaded in alternate
 * seconds, so that a slow spell of the machine affects both. The pairs alternate which is first. A pair
 * disturbed by others is repeated, at most as often as pairs were requested; then the least disturbed ones
 * fill the gaps.
 *
 * @param sides `with` and `without`, each `{ app, nodeOptions, environment }`.
 * @param expectation Throws if a server's answer is wrong.
 */
export async function measurePairs({ sides, path, request, expectation }, { pairs, seconds, folder, say }) {
  const measured = [];
  const undisturbed = () => measured.filter((pair) => pair.disturbance <= maximumDisturbance);
  while (undisturbed().length < pairs && measured.length < 2 * pairs) {
    const order = measured.length % 2 === 0 ? ["with", "without"] : ["without", "with"];
    const pair = await measurePair(order, { sides, path, request, expectation, seconds, folder });
    measured.push(pair);
    say(describePair(pair));
  }
  const kept = measured.toSorted((one, other) => rank(one) - rank(other)).slice(0, pairs);
  return {
    pairs: kept,
    dropped: measured.length - kept.length,
    disturbed: kept.filter((pair) => pair.disturbance > maximumDisturbance).length,
  };
}

/** All undisturbed pairs are equally good. */
function rank({ disturbance }) {
  return disturbance <= maximumDisturbance ? 0 : disturbance;
}

async function measurePair(order, { sides, path, request, expectation, seconds, folder }) {
  const servers = {};
  const runs = { with: [], without: [] };
  try {
    for (const side of order) servers[side] = await startServer(sides[side], folder);
    for (const side of order) {
      await expectation[side](servers[side].url + path, request.headers);
      await load(servers[side], path, warmUp, request);
    }
    for (let turn = 0; turn < seconds; turn++) {
      for (const side of turn % 2 === 0 ? order : order.toReversed()) {
        runs[side].push(await load(servers[side], path, 1, request));
      }
    }
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
  const pair = { with: summarise(runs.with), without: summarise(runs.without) };
  return { ...pair, disturbance: Math.max(pair.with.disturbance, pair.without.disturbance) };
}

function describePair(pair) {
  const show = ({ rate, cost }) => `${rate.toFixed(0)}/s ${cost.toFixed(1)} µs`;
  const share = (pair.disturbance * 100).toFixed(0);
  return `with ${show(pair.with)}, without ${show(pair.without)}, others ${share} %`;
}
