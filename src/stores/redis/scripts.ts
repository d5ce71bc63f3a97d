/** The key of an app's record. It is the only one that its scripts touch, as a cluster asks for. */
export function keyOf(app: string): string {
  return `intermission:${app}`;
}

/** The channel that tells of changes, with the app as message. */
export const channel = "intermission";

/** KEYS: the record. ARGV: the version that is known, and how its value begins. Version and value (null where there is none to send), then TIME. */
export const readRecord = `
local version = redis.call('hget', KEYS[1], 'version')
local value = redis.call('hget', KEYS[1], 'value')
if version == ARGV[1] and value and string.sub(value, 1, #ARGV[2]) == ARGV[2] then value = false end
local time = redis.call('time')
return {version, value, time[1], time[2]}`;

/**
 * KEYS: the record. ARGV: the version that is expected, the next, the value, the current release, the channel and its
 * message. 1: it won.
 *
 * Publishes with `pcall`: a user that may not publish must not be told that nothing was written.
 */
export const writeRecord = `
if (redis.call('hget', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
local time = redis.call('time')
redis.call('hset', KEYS[1], 'version', ARGV[2], 'value', ARGV[3], 'currentRelease', ARGV[4], 'updatedAt', time[1])
redis.pcall('publish', ARGV[5], ARGV[6])
return 1`;
