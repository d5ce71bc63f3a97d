import { once } from "node:events";
import process from "node:process";
import { decodeState, emptyState, type State } from "../../core/state.ts";
import { defineCommand, storeOptions } from "../command.ts";
import { withSession } from "../session.ts";

export const shell = defineCommand({
  name: "shell",
  summary: "Opens a Node REPL with the store at hand",
  details: [
    "intermission: what createIntermission makes. store: the open store. await state(): what is recorded.",
    "Commands may also be piped in.",
  ],
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
      const { start } = await import("node:repl");
      const repl = start({ prompt: process.stdin.isTTY ? "intermission> " : "" });
      const exited = once(repl, "exit");
      const state = async (): Promise<State> => {
        const { value } = await store.read(app);
        return value === undefined ? emptyState : decodeState(value);
      };
      Object.assign(repl.context, { intermission, store, state });
      // .clear makes a new context.
      repl.on("reset", (context: object) => Object.assign(context, { intermission, store, state }));
      await exited;
    });
  },
});
