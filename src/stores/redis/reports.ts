import { type IntermissionError, isIntermissionError, reasonOf } from "../../core/errors.ts";
import { maximumReports, type ReportStore } from "../../core/ports.ts";
import { storeDenied } from "../shared/failure.ts";
import { oneIn, sweepAtMost, sweepEvery } from "../shared/sweep.ts";

export interface RedisReportsOptions {
  /** Runs a script on one key. */
  readonly run: (
    milliseconds: number,
    script: string,
    key: string,
    values: readonly string[],
  ) => Promise<unknown>;
  readonly toFailure: (what: string, cause: unknown) => IntermissionError;
}

/** Milliseconds in which an operation settles. */
const limit = 3500;

/** No record's key starts like this. */
function keyOf(app: string): string {
  return `intermission-report:${app}`;
}

const clock = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * KEYS: the hash of an app's reports, which expires with the last of them. ARGV: id, text, milliseconds to
 * keep it, and how many others to check for expiry. The scan's position is kept in the field with the empty
 * name, so all get their turn and no scan takes long.
 *
 * A report is its time, its expiry and its text, separated by spaces.
 */
const putReport = `${clock}
redis.call('hset', KEYS[1], ARGV[1], string.format('%.0f %.0f ', now, now + ARGV[3]) .. ARGV[2])
if redis.call('pttl', KEYS[1]) < tonumber(ARGV[3]) then redis.call('pexpire', KEYS[1], ARGV[3]) end
if ARGV[4] ~= '0' then
  local page = redis.call('hscan', KEYS[1], redis.call('hget', KEYS[1], '') or '0', 'count', ARGV[4])
  for index = 1, #page[2], 2 do
    local keepUntil = string.match(page[2][index + 1], '^%d+ (%d+) ')
    if keepUntil and tonumber(keepUntil) <= now then redis.call('hdel', KEYS[1], page[2][index]) end
  end
  redis.call('hset', KEYS[1], '', page[1])
end
return 1`;

/**
 * KEYS: the same. ARGV: milliseconds back, and the limit. Returns the time, then ids, times and texts, newest
 * first.
 */
const listReports = `${clock}
local fields = redis.call('hgetall', KEYS[1])
local found = {}
for index = 1, #fields, 2 do
  local at, keepUntil = string.match(fields[index + 1], '^(%d+) (%d+) ')
  if at and tonumber(keepUntil) > now and tonumber(at) >= now - ARGV[1] then
    found[#found + 1] = {tonumber(at), index, #at + #keepUntil + 3}
  end
end
table.sort(found, function(one, other) return one[1] > other[1] end)
local answer = {string.format('%.0f', now)}
for index = 1, math.min(#found, tonumber(ARGV[2])) do
  local at, field, from = unpack(found[index])
  answer[#answer + 1] = fields[field]
  answer[#answer + 1] = string.format('%.0f', at)
  answer[#answer + 1] = string.sub(fields[field + 1], from)
end
return answer`;

/** Reports in a separate hash for each app, next to its record's. */
export function redisReports({ run, toFailure }: RedisReportsOptions): ReportStore {
  return {
    async put(app, id, value, keepFor) {
      const looks = oneIn(sweepEvery) ? sweepAtMost : 0;
      try {
        await run(limit, putReport, keyOf(app), [id, value, String(Math.round(keepFor)), String(looks)]);
      } catch (error) {
        throw failureOf(error);
      }
    },

    async list(app, within) {
      // Beyond all times: Lua would accept an infinity, but Redis can't send one.
      const back = String(Math.ceil(within ?? 1e15));
      try {
        const answer = await run(limit, listReports, keyOf(app), [back, String(maximumReports)]);
        const [now, ...fields] = (answer as readonly unknown[]).map(String);
        const reports = Array.from({ length: fields.length / 3 }, (_, index) => {
          const [id = "", at, value = ""] = fields.slice(3 * index, 3 * index + 3);
          return { id, at: Number(at), value };
        });
        return { now: Number(now), reports };
      } catch (error) {
        throw toFailure("could not list its reports", error);
      }
    },
  };

  function failureOf(error: unknown): IntermissionError {
    const reason = isIntermissionError(error) ? "" : reasonOf(error);
    if (!/NOPERM|READONLY/.test(reason)) return toFailure("could not keep a report", error);
    return storeDenied(
      "The Redis store may not keep reports",
      error,
      "Allow the user eval, time, hset, hget, hdel, hscan, hgetall, pttl and pexpire, and the keys intermission-report:*.",
    );
  }
}
