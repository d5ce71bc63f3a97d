import { createBypassKey } from "../../core/bypass.ts";
import { systemClock } from "../../core/runtime.ts";
import { createRehearsalId, type Evidence } from "../../core/rehearsal.ts";
import { beginRehearsal, endRehearsal } from "../../core/state/rehearsals.ts";
import { currentRelease } from "../../core/state/state.ts";
import { updateState } from "../../engine/state/update.ts";
import { readInstances } from "../../reports/instances.ts";
import { parseDuration } from "../../core/settings/values.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { UsageError } from "../arguments/usage-error.ts";
import { faultOf, leftoverOf, type StoreFacts } from "../rehearsal/findings.ts";
import { prepareScreenshot, type Screenshot } from "../rehearsal/screenshot.ts";
import { ask, askForPage, type Arrived, type Asking, type Outcome } from "../rehearsal/visit.ts";
import { withSession, type Session } from "../session/session.ts";
import type { Line, Output } from "../terminal/output.ts";

const mostRequests = 100;
/** Until an instance without push has read the record: every 10 s in the background. */
const defaultWait = "12s";
const longestWait = 30_000;
/** Before the last token expires. Milliseconds. */
const askWithin = 40_000;
const longestUrl = 2048;
const browser = "text/html,application/xhtml+xml,*/*;q=0.8";
const shortTypes: Readonly<Record<string, string>> = {
  html: "text/html",
  json: "application/json",
  text: "text/plain",
  xml: "application/xml",
};

export const rehearse = defineCommand({
  name: "rehearse",
  summary: "Asks the running app for the page, and proves that it comes as it should",
  details: [
    "One request gets the page as if the app had failed in a deploy window: through whatever stands in front, without a deploy, and for nobody else. It has a token that is good once, for a minute, and only with this store.",
    "It compares what the instance sent with what arrived, and asks once more without the token, to see that no cache has kept the page. Each request has a parameter of its own, intermission-rehearsal, so that no cache answers it. Until the instance has heard of the rehearsal (12 s where the store has no push), it asks again, and the app answers those requests as usual.",
    "With --screenshot, a browser on this machine draws the answer as it came, from its bytes: nobody asks for the page again. Chromium, Chrome, Edge and Firefox will do (BROWSER_PATH names another program).",
    "It ends with 0 if the page came as it should, else with 1 and the reason. A picture that could not be taken changes nothing about that.",
  ],
  example: "intermission rehearse https://shop.example/",
  positionals: ["url"],
  options: {
    ...storeOptions,
    accept: {
      value: "TYPE",
      summary: "What to ask for: html, json, text, xml or a media type (else as a browser)",
    },
    count: { value: "N", summary: `Ask N times, to meet several instances (1 to ${String(mostRequests)})` },
    screenshot: { value: "FILE", summary: "Save a picture of the page as it came (PNG)" },
    wait: {
      value: "DURATION",
      summary: `How long to ask until the instance has heard of the rehearsal (else ${defaultWait}, at most 30s)`,
    },
    ...jsonOption,
  },
  async run(call) {
    const { options, positionals, environment, output, exitWith } = call;
    const url = toUrl(positionals[0]);
    const accept = toAccept(options.accept);
    const count = toCount(options.count);
    const knownWithin = toWait(options.wait);
    const screenshot =
      options.screenshot === undefined
        ? undefined
        : await prepareScreenshot(options.screenshot, { environment });
    await withSession(call, async (session) => {
      const { app } = session.intermission.settings;
      const done = output.progress("Asking for the page…");
      const { outcomes, after, current } = await perform(
        session,
        { url, accept, app, knownWithin },
        count,
      ).finally(done);
      const storeFacts = await findStoreFacts(session);
      const arrived = outcomes.filter((one): one is Arrived => "status" in one);
      const page = outcomes.find(isPage);
      const faults = outcomes.map((outcome) => faultOf(outcome, storeFacts));
      const reason =
        faults.find((fault) => fault !== undefined) ??
        (page && after && leftoverOf(page, after)) ??
        (outcomes.length < count
          ? `Time ran out after ${String(outcomes.length)} of ${String(count)} requests.`
          : null);
      const picture = screenshot && (await takePicture(screenshot, page ?? arrived[0], output));
      const answers = outcomes.map((outcome, index) => toDocument(outcome, faults[index]));
      output.answer({
        lines: [
          ...toRows(arrived),
          reason === null
            ? { style: "green", text: "The page came as it should, and for nobody else." }
            : { style: "red", text: reason },
        ],
        document: {
          ...{ ok: reason === null, reason, app, url: url.href, currentRelease: current, answers },
          ...(picture === undefined ? {} : { screenshot: picture }),
        },
      });
      if (reason !== null) exitWith(1);
    });
  },
});

interface Performance {
  readonly outcomes: readonly Outcome[];
  /** Asked without the token, after the page had come. */
  readonly after: Outcome | undefined;
  /** null: none is recorded. */
  readonly current: string | null;
}

/** Always removes the rehearsal from the record again. */
async function perform(
  { store }: Session,
  request: Omit<Asking, "id" | "key">,
  count: number,
): Promise<Performance> {
  const subject = { store, app: request.app, clock: systemClock };
  const asking: Asking = { ...request, id: createRehearsalId(), key: createBypassKey() };
  const { result } = await updateState(subject, (state, now) => beginRehearsal(state, asking, now));
  try {
    const begunAt = performance.now();
    const outcomes: Outcome[] = [];
    while (outcomes.length < count && performance.now() - begunAt < askWithin) {
      outcomes.push(await askForPage(asking, begunAt));
    }
    const url = outcomes.find(isPage)?.url;
    const after = url && (await ask({ ...asking, url }));
    return { outcomes, after, current: currentRelease(result.state)?.id ?? null };
  } finally {
    // If this write fails, the rehearsal expires within a minute.
    await updateState(subject, (state, now) => ({ state: endRehearsal(state, asking.id, now) })).catch(
      () => undefined,
    );
  }
}

/** For `--json`. */
async function takePicture(
  { file, take }: Screenshot,
  page: Arrived | undefined,
  output: Output,
): Promise<{ readonly file: string | null; readonly problem: string | null }> {
  const done = output.progress("Taking the picture…");
  const problem = page === undefined ? "there is no answer." : await take(page).finally(done);
  done();
  output.note(problem === undefined ? `The picture is ${file}.` : `Note: there is no picture: ${problem}`);
  return problem === undefined ? { file, problem: null } : { file: null, problem };
}

function isPage(outcome: Outcome): outcome is Arrived {
  return "status" in outcome && outcome.evidence !== undefined;
}

async function findStoreFacts({ store, address, intermission }: Session): Promise<StoreFacts> {
  const { app } = intermission.settings;
  const place = store.place ?? address;
  try {
    const seen = store.reports && (await readInstances(store.reports, app));
    return { app, place, instances: seen?.instances.length };
  } catch {
    return { app, place, instances: undefined };
  }
}

function toDocument(outcome: Outcome, fault: string | undefined): Readonly<Record<string, unknown>> {
  if ("failure" in outcome) return { ok: false, reason: fault, status: null };
  const { status, headers, evidence } = outcome;
  return {
    ok: fault === undefined,
    reason: fault ?? null,
    status,
    contentType: headers.get("content-type"),
    language: headers.get("content-language"),
    retryAfter: headers.get("retry-after"),
    cacheControl: headers.get("cache-control"),
    instance: evidence === undefined ? null : toInstance(evidence),
  };
}

function toInstance({ role, process, version, release, currentRelease, verdict }: Evidence): unknown {
  return { role, process, version, release, currentRelease, ...verdict };
}

function toRows(arrived: readonly Arrived[]): readonly Line[] {
  return arrived.flatMap(({ status, headers, evidence }): readonly Line[] => {
    if (evidence === undefined) return [];
    const type = [headers.get("content-type"), headers.get("content-language")].filter(Boolean).join(", ");
    const waits = `Retry-After ${headers.get("retry-after") ?? "none"}`;
    return [`${String(status)}  ${type}, ${waits}, from ${describe(evidence)}`];
  });
}

function describe({ role, process, release, currentRelease, verdict }: Evidence): string {
  if (role === "proxy") return `the gateway ${process}, which has not asked its upstreams`;
  const now =
    release === null || currentRelease === null || release === currentRelease
      ? ""
      : `; ${currentRelease} is current, so its errors ${verdict.verdict === "maintenance" ? "become the page now" : "may be masked"}`;
  return `the instance ${process} on ${release ?? "an unknown release"}${now}`;
}

function toUrl(text: string | undefined): URL {
  const url =
    text !== undefined && text.length <= longestUrl && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new UsageError(
      "Name an address of the running app, such as intermission rehearse https://shop.example/.",
    );
  return url;
}

function toAccept(text: string | undefined): string {
  if (text === undefined) return browser;
  const type = Object.hasOwn(shortTypes, text) ? shortTypes[text] : text;
  if (type === undefined || type.length > 200 || !/^[\w!#$&^.+*-]+\/[\w!#$&^.+*;=, /-]+$/.test(type))
    throw new UsageError(
      "The option --accept needs html, json, text, xml or a media type such as text/html.",
    );
  return type;
}

function toCount(text: string | undefined): number {
  if (text === undefined) return 1;
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > mostRequests)
    throw new UsageError(`The option --count needs a number from 1 to ${String(mostRequests)}.`);
  return count;
}

function toWait(text = defaultWait): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds > longestWait)
    throw new UsageError("The option --wait needs a duration such as 500ms or 12s, at most 30s.");
  return milliseconds;
}
