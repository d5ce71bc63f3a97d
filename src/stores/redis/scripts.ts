import type { Subscribe } from "../shared/subscriber.ts";

/** The key of an app's record. Scripts touch only this one, as a cluster requires. */
export function keyOf(app: string): string {
  return `intermission:${app}`;
}

/** The channel for changes; the message is the app. */
export const channel = "intermission";

/**
 * KEYS: the record. ARGV: the known version, and how its value begins. Returns version and value (null if not
 * needed), then TIME.
 */
export const readRecord = `
local version = redis.call('hget', KEYS[1], 'version')
local value = redis.call('hget', KEYS[1], 'value')
if version == ARGV[1] and value and string.sub(value, 1, #ARGV[2]) == ARGV[2] then value = false end
local time = redis.call('time')
return {version, value, time[1], time[2]}`;

/**
 * KEYS: the record. ARGV: the expected version, the next, the value, the current release, the channel and its
 * message. 1: written.
 *
 * Publishes with `pcall`: without the right to publish, the write must still count as done.
 */
export const writeRecord = `
if (redis.call('hget', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
local time = redis.call('time')
redis.call('hset', KEYS[1], 'version', ARGV[2], 'value', ARGV[3], 'currentRelease', ARGV[4], 'updatedAt', time[1])
redis.pcall('publish', ARGV[5], ARGV[6])
return 1`;

/** A client of either package. */
export interface RedisSource {
  /** Runs a script on one key. */
  evaluate(script: string, key: string, values: readonly string[]): Promise<unknown>;
  /** Left out if the client can't be duplicated. */
  readonly subscribe?: Subscribe;
  /** An answer was late: reconnects if the connection is the store's own. */
  renew(): void;
  close(): void;
}
