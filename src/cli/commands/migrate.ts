import { grantsFor, type RoleGrants } from "../../stores/grants.ts";
import { redactUrl } from "../../stores/open.ts";
import { defineCommand, jsonOption, storeOptions, type Call } from "../arguments/command.ts";
import { storeUrlOf, withSession } from "../session/session.ts";

const migrateOptions = {
  ...storeOptions,
  "print-grants": { summary: "Change nothing: print the SQL by which each database user gets its rights" },
  ...jsonOption,
} as const;

export const migrate = defineCommand({
  name: "migrate",
  summary: "Creates or upgrades what the store needs, such as its table",
  details: [
    "Safe to repeat. You need it only where the deploy's database user may not create tables: create-release creates what is missing.",
    "--print-grants connects to nothing. Put the names of your own users in the place of migrate_user, deploy_user and app_user.",
  ],
  example: "intermission migrate",
  positionals: [],
  options: migrateOptions,
  async run(call) {
    if (call.options["print-grants"]) {
      printGrants(call);
      return;
    }
    await withSession(call, async ({ store, address }) => {
      if (store.migrate === undefined) {
        call.output.answer({
          lines: [`The store ${address} needs nothing.`],
          document: { store: address, outcome: "not-needed" },
        });
        return;
      }
      await store.migrate();
      call.output.answer({
        lines: [{ style: "green", text: `The store ${address} has all it needs.` }],
        document: { store: address, outcome: "ready" },
      });
    });
  },
});

function printGrants(call: Call<typeof migrateOptions>): void {
  const url = storeUrlOf(call);
  const store = redactUrl(url);
  const roles = grantsFor(url);
  if (roles === undefined || roles.length === 0) {
    call.output.answer({
      lines: [
        roles === undefined
          ? `The store ${store} is a module: name its server by URL (--store) to see the grants.`
          : `The store ${store} needs no SQL grants.`,
      ],
      document: { store, outcome: roles === undefined ? "unknown" : "not-needed", roles: [] },
    });
    return;
  }
  call.output.answer({
    lines: roles.flatMap((grants) => ["", `-- ${headings[grants.role]}`, ...toSql(grants)]).slice(1),
    document: { store, outcome: "printed", roles },
  });
}

/** As comments, so that the database can run the whole output. */
const headings: Readonly<Record<RoleGrants["role"], string>> = {
  migrate: "Who runs intermission migrate. Run it before the grants below: they need its tables.",
  deploy: "Who deploys: create-release, rollback, deploy, on and off.",
  app: "Who runs the app.",
};

function toSql({ statements }: RoleGrants): readonly string[] {
  return statements.map((statement) => `${statement};`);
}
