import { isStoreModule } from "./shared/url.ts";
import { parseAddress as parseMysql } from "./mysql/address.ts";
import { parseAddress as parsePostgres } from "./postgres/address.ts";

/** What one database user needs. Replace the user's name in the statements. */
export interface RoleGrants {
  readonly role: "migrate" | "deploy" | "app";
  readonly user: string;
  /** SQL, without final semicolons. */
  readonly statements: readonly string[];
}

/**
 * The fewest rights with which each of the three users can work. `migrate` comes first, because it creates
 * the tables that the others use. Empty: the store has no SQL. Undefined: a module opens it, so nobody knows.
 */
export function grantsFor(url: string): readonly RoleGrants[] | undefined {
  const text = url.trim();
  if (isStoreModule(text)) return undefined;
  if (/^postgres(?:ql)?:/i.test(text)) return postgresGrants(text);
  if (/^(?:mysql|mariadb):/i.test(text)) return mysqlGrants(text);
  return [];
}

const users = { migrate: "migrate_user", deploy: "deploy_user", app: "app_user" };

/** What each user does with the tables of records and reports. */
const rights = {
  deploy: { record: "select, insert, update", reports: "select" },
  app: { record: "select", reports: "select, insert, update, delete" },
};

function postgresGrants(url: string): readonly RoleGrants[] {
  const { schema: named, client } = parsePostgres(url);
  const name = named ?? searchPath(client.options) ?? "public";
  const schema = `"${name.replaceAll('"', '""')}"`;
  const make = named === undefined ? [] : [`create schema if not exists ${schema}`];
  return [
    {
      role: "migrate",
      user: users.migrate,
      statements: [...make, `grant usage, create on schema ${schema} to ${users.migrate}`],
    },
    ...(["deploy", "app"] as const).map((role) => ({
      role,
      user: users[role],
      statements: [
        `grant usage on schema ${schema} to ${users[role]}`,
        `grant ${rights[role].record} on ${schema}.intermission to ${users[role]}`,
        `grant ${rights[role].reports} on ${schema}.intermission_report to ${users[role]}`,
      ],
    })),
  ];
}

/** The first schema in the parameter `options`, as in `-csearch_path=shop`. */
function searchPath(options: string | undefined): string | undefined {
  return /search_path=\s*([a-z_][\w$]*)/i.exec(options ?? "")?.[1];
}

function mysqlGrants(url: string): readonly RoleGrants[] {
  const database = `\`${parseMysql(url).database.replaceAll("`", "``")}\``;
  const grant = (right: string, table: string, user: string): string =>
    `grant ${right} on ${database}.${table} to '${user}'@'%'`;
  const both = ({ record, reports }: { readonly record: string; readonly reports: string }, user: string) => [
    grant(record, "intermission", user),
    grant(reports, "intermission_report", user),
  ];
  const make = "create, select";
  return [
    {
      role: "migrate",
      user: users.migrate,
      statements: both({ record: make, reports: make }, users.migrate),
    },
    ...(["deploy", "app"] as const).map((role) => ({
      role,
      user: users[role],
      statements: both(rights[role], users[role]),
    })),
  ];
}
