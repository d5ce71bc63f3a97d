import { reasonOf } from "../../core/errors.ts";
import { maximumReports, type ReportStore, type StoredReport } from "../../core/ports.ts";
import { storeDenied } from "../shared/failure.ts";
import {
  consume,
  findBucket,
  isMissingStream,
  makeBucket,
  putMessage,
  subjectOf,
  toText,
  type Bucket,
  type Call,
} from "./jetstream.ts";

/** The most milliseconds a report is kept. Then the server deletes it. */
const longest = 30 * 24 * 60 * 60 * 1000;

/** Reports in a separate bucket. Each text starts with how many milliseconds to keep it. */
export function natsReports(
  name: string,
  replicas: number | undefined,
  keyOf: (text: string) => string,
  run: <Value>(what: string, work: (call: Call) => Promise<Value>) => Promise<Value>,
): ReportStore {
  const bucket: Bucket = { name: `${name}-reports`, maximumAge: longest, replicas };
  let present: Promise<void> | undefined;
  return {
    async put(app, id, value, keepFor) {
      const key = `${keyOf(app)}.${keyOf(id)}`;
      await run("could not keep a report", async (call) => {
        try {
          // If it is missing, nobody answers, or a listener hears it that never will.
          present ??= findBucket(call, bucket).catch((error: unknown) => makeMissing(call, error));
          await present;
          await putMessage(call, subjectOf(bucket, key), `${String(Math.round(keepFor))} ${value}`);
        } catch (error) {
          present = undefined;
          if (!/permissions? violation/i.test(reasonOf(error))) throw error;
          const remedy = `Allow the user to publish to $KV.${bucket.name}.> and $JS.API.>.`;
          throw storeDenied("The NATS store may not keep reports", error, remedy);
        }
      });
    },

    list: (app, within = Number.POSITIVE_INFINITY) =>
      run("could not list its reports", async (call) => {
        const found: { readonly id: string; readonly text: string; readonly at: number }[] = [];
        let finish: (() => void) | undefined;
        let expected = Number.POSITIVE_INFINITY;
        let heard = 0;
        const complete = new Promise<void>((resolve) => (finish = resolve));
        const consumer = consume(
          call,
          bucket,
          `${keyOf(app)}.*`,
          "last_per_subject",
          ({ message, at }) => {
            const id = message.subject.slice(message.subject.lastIndexOf(".") + 1);
            found.push({ id: fromKey(id), text: toText(message.data), at });
            if (found.length > maximumReports) found.shift();
            if (++heard >= expected) finish?.();
          },
          () => {},
        );
        try {
          const { now, count } = await consumer.created;
          expected = count;
          if (heard < expected) await complete;
          const reports = found.reverse().flatMap(({ id, text, at }): StoredReport[] => {
            const [, keepFor = "0", value = ""] = /^(\d+) (.*)$/s.exec(text) ?? [];
            const isListed = at + Number(keepFor) > now && at >= now - within;
            return isListed ? [{ id, value, at: Math.min(at, now) }] : [];
          });
          return { now, reports };
        } catch (error) {
          if (isMissingStream(error)) return { now: Date.now(), reports: [] };
          throw error;
        } finally {
          consumer.end();
        }
      }),
  };

  async function makeMissing(call: Call, error: unknown): Promise<void> {
    if (!isMissingStream(error)) throw error;
    await makeBucket(call, bucket);
  }
}

function fromKey(key: string): string {
  return decodeURIComponent(key.replaceAll("=", "%"));
}
