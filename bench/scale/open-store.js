import { postgresStore } from "intermission/stores/postgres";
import { redisStore } from "intermission/stores/redis";
import { sqliteStore } from "intermission/stores/sqlite";

/** A store by its URL, to pass in, so that its reads can be watched. */
export function openStore(url) {
  if (url.startsWith("postgres:")) return postgresStore({ url });
  if (url.startsWith("redis:")) return redisStore({ url });
  return sqliteStore({ path: url.slice("sqlite:".length) });
}
