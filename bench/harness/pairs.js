import { load } from "./load.js";
import { startServer } from "./server.js";

/** More of the machine than this taken by others, and a pair is not counted. */
export const maximumDisturbance = 0.1;
const warmUp = 2;

/**
 * Measures two servers side by side: in each pair both are new processes, warmed up, and take turns at being first.
 * A pair in which others used the machine is dropped and repeated, at most as often as pairs were asked for; then the
 * least disturbed ones fill the gaps.
 *
 * @param sides `with` and `without`, each `{ app, nodeOptions, environment }`.
 * @param expectation Throws when a server answers otherwise than it should.
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

/** All that are undisturbed are equally good. */
function rank({ disturbance }) {
  return disturbance <= maximumDisturbance ? 0 : disturbance;
}

async function measurePair(order, { sides, path, request, expectation, seconds, folder }) {
  const servers = {};
  const pair = {};
  try {
    for (const side of order) servers[side] = await startServer(sides[side], folder);
    for (const side of order) {
      await expectation[side](servers[side].url + path, request.headers);
      await load(servers[side], path, warmUp, request);
    }
    for (const side of order) pair[side] = await load(servers[side], path, seconds, request);
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
  pair.disturbance = Math.max(...order.map((side) => Math.max(pair[side].steal, pair[side].others)));
  return pair;
}

function describePair(pair) {
  const show = ({ rate, cost }) => `${rate.toFixed(0)}/s ${cost.toFixed(1)} µs`;
  const share = (pair.disturbance * 100).toFixed(0);
  return `with ${show(pair.with)}, without ${show(pair.without)}, others ${share} %`;
}
