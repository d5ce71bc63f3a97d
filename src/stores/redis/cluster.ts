import { boundedMap } from "../../core/bounded-map.ts";
import type { Subscribe } from "../shared/subscriber.ts";
import type { RedisHost } from "./address.ts";
import type { RedisSource } from "./scripts.ts";

/** A connection to one server of a cluster. */
export interface ClusterMember extends RedisSource {
  /** `asking`: the key is being moved to that server (ASK). */
  evaluate(script: string, key: string, values: readonly string[], asking?: boolean): Promise<unknown>;
  readonly subscribe: Subscribe;
}

/** How often one call is sent on to another server. */
const mostRedirects = 5;

/** Keys whose server is known. An app has two. */
const mostKeys = 1000;

/** Nothing was sent, so another server may be tried. */
const unreachable = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/;

/**
 * A Redis Cluster (its specification, "MOVED redirection" and "ASK redirection"). A server that does not have
 * a key names the one that has. A notice published on one server reaches all.
 *
 * `ioredis` has a client for clusters. It keeps a connection for subscriptions that can't be `unref`ed, so
 * that a process would not end by itself.
 */
export function connectToCluster(
  hosts: readonly RedisHost[],
  open: (host: RedisHost) => ClusterMember,
): RedisSource {
  const members = new Map<string, ClusterMember>();
  const homes = boundedMap<string, RedisHost>(mostKeys);
  let next = 0;

  function nextHost(): RedisHost {
    return hosts[next++ % hosts.length] as RedisHost;
  }

  function memberAt(host: RedisHost): ClusterMember {
    const name = `${host.host}:${String(host.port)}`;
    const member = members.get(name) ?? open(host);
    members.set(name, member);
    return member;
  }

  return {
    async evaluate(script, key, values) {
      let host = homes.get(key) ?? nextHost();
      let asking = false;
      for (let redirects = 0, tried = 1; ;) {
        try {
          const answer = await memberAt(host).evaluate(script, key, values, asking);
          if (!asking) homes.set(key, host);
          return answer;
        } catch (error) {
          const message = error instanceof Error ? error.message : "";
          const redirect = toRedirect(message, host);
          if (redirect !== undefined && redirects++ < mostRedirects) {
            ({ host, asking } = redirect);
            continue;
          }
          homes.delete(key);
          if (!unreachable.test(message) || tried++ > hosts.length) throw error;
          [host, asking] = [nextHost(), false];
        }
      }
    },
    subscribe: (heard, lost) => memberAt(nextHost()).subscribe(heard, lost),
    renew() {
      for (const member of members.values()) member.renew();
    },
    close() {
      for (const member of members.values()) member.close();
    },
  };
}

/** Without a host it is the one that was asked: a server may not know its own name. */
function toRedirect(
  message: string,
  asked: RedisHost,
): { readonly host: RedisHost; readonly asking: boolean } | undefined {
  const [, kind, host = "", port] = /^(MOVED|ASK) \d+ (\S*):(\d+)$/.exec(message) ?? [];
  if (port === undefined) return undefined;
  return {
    host: { host: host === "" || host === "?" ? asked.host : host, port: Number(port) },
    asking: kind === "ASK",
  };
}
