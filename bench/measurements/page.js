import { createIntermission, memoryStore } from "intermission";
import { median, range } from "../harness/statistics.js";
import { browserHeaders } from "../harness/wrk.js";

export const name = "page";
export const about = "The page for a visit, when it has been made before";

const rounds = 7;
const target = 5000;

const browser = {
  method: "GET",
  accept: browserHeaders.Accept,
  acceptLanguage: browserHeaders["Accept-Language"],
  fetchDestination: browserHeaders["Sec-Fetch-Dest"],
};
const visits = [
  ["a browser", browser, {}],
  ["a browser, with a brand", browser, { brand: { name: "Harbour Ferries", accent: "#0a7d5a" } }],
  ["a script", { method: "GET", accept: "application/json" }, {}],
  ["an image", { method: "GET", accept: "image/avif,image/webp,*/*;q=0.8", fetchDestination: "image" }, {}],
];

export async function measure({ say, calls = 1e6 }) {
  const rows = [];
  const figures = [];
  for (const [title, visit, options] of visits) {
    const intermission = createIntermission({
      store: memoryStore(),
      release: "v1.0",
      refreshEvery: 0,
      ...options,
    });
    await intermission.ready();
    const times = time(() => intermission.page(visit), calls);
    await intermission.close();
    say(`${title}: ${median(times).toFixed(0)} ns`);
    const reached = median(times) < target ? "yes" : "no";
    figures.push({ title, nanoseconds: times });
    rows.push([title, median(times).toFixed(0), range(times, 0), `< ${target}`, reached]);
  }
  return {
    columns: ["visit", "ns, median", "range", "target", "reached"],
    rows,
    figures,
    notes: [`${rounds} rounds of ${calls.toExponential(0)} calls each, in one process.`],
  };
}

function time(call, calls) {
  const { body } = call();
  const round = () => {
    const start = process.hrtime.bigint();
    for (let index = 0; index < calls; index++) if (call().body !== body) throw new Error("it was made anew");
    return Number(process.hrtime.bigint() - start) / calls;
  };
  round();
  return Array.from({ length: rounds }, round);
}
