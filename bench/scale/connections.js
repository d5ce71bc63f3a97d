import Redis from "ioredis";
import pg from "pg";

/** How many store connections the server has. */
export async function countConnections(url) {
  return url.startsWith("postgres:") ? countInPostgres(url) : countInRedis(url);
}

async function countInPostgres(url) {
  const client = new pg.Client({ connectionString: url, application_name: "counter" });
  await client.connect();
  try {
    const { rows } = await client.query(
      "select count(*)::int as count from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
    );
    return rows[0].count;
  } finally {
    await client.end();
  }
}

async function countInRedis(url) {
  const client = new Redis(url);
  try {
    return (await client.client("LIST")).match(/ name=intermission /g).length;
  } finally {
    client.disconnect();
  }
}

/** Makes the server end all of them. */
export async function endConnections(url) {
  if (url.startsWith("postgres:")) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
    );
    await client.end();
  } else {
    const client = new Redis(url);
    await client.client("KILL", "TYPE", "pubsub");
    await client.client("KILL", "TYPE", "normal");
    client.disconnect();
  }
}
