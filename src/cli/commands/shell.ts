import { systemClock } from "../../core/runtime.ts";
import type { State } from "../../core/state/state.ts";
import { readState } from "../../engine/state/update.ts";
import { defineCommand, storeOptions } from "../arguments/command.ts";
import { withSession } from "../session/session.ts";

export const shell = defineCommand({
  name: "shell",
  summary: "Opens a Node REPL with the store at hand",
  details: [
    "intermission: what createIntermission makes. store: the open store. await state(): what is recorded.",
    "You can pipe commands in.",
  ],
  example: "intermission shell",
  positionals: [],
  options: storeOptions,
  async run(call) {
    await withSession(call, async ({ intermission, store, address }) => {
      const { app } = intermission.settings;
      call.output.answer({
        lines: [
          `The app ${app} in ${address}. At hand: intermission, store, await state(). Leave with .exit`,
        ],
        document: null,
      });
      const state = async (): Promise<State> => (await readState({ store, app, clock: systemClock })).state;
      const { runRepl } = await import("../terminal/repl.ts");
      await runRepl({ intermission, store, state });
    });
  },
});
