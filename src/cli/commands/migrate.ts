import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { withSession } from "../session/session.ts";

export const migrate = defineCommand({
  name: "migrate",
  summary: "Creates or upgrades what the store needs, such as its table",
  details: [
    "Safe to repeat. You need it only where the deploy's database user may not create tables: create-release creates what is missing.",
  ],
  example: "intermission migrate",
  positionals: [],
  options: { ...storeOptions, ...jsonOption },
  async run(call) {
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
