import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { checkUp } from "../doctor/check-up.ts";
import type { Line } from "../terminal/output.ts";
import { wrap } from "../terminal/wrap.ts";

export const doctor = defineCommand({
  name: "doctor",
  summary: "Checks the set-up, and says what to do",
  details: [
    "It looks at the runtime, the variables, the store and its record, this machine's release and the instances. It changes nothing.",
    "Run it where the app runs, with the app's environment. It ends with 0 if all is well, else with 1.",
  ],
  example: "intermission doctor --url https://shop.example/",
  positionals: [],
  options: {
    ...storeOptions,
    url: { value: "URL", summary: "Ask the running app, too" },
    ...jsonOption,
  },
  async run({ options, environment, output, exitWith }) {
    const { store, app, url } = options;
    const checks = await checkUp({ environment, store, app, url });
    const wrong = checks.filter(({ ok }) => !ok).length;
    const indent = (text: string): readonly string[] =>
      wrap(text, (output.width ?? Number.POSITIVE_INFINITY) - 7).map((line) => `       ${line}`);
    const lines: readonly Line[] = checks.flatMap(({ name, ok, found, remedy }): readonly Line[] => [
      ...indent(`${name}: ${found}`).map((text, index): Line =>
        index > 0 ? text : [{ style: ok ? "green" : "red", text: ok ? "well " : "wrong" }, text.slice(5)],
      ),
      ...(remedy === null ? [] : indent(remedy)),
    ]);
    const summary =
      wrong === 0
        ? "All is well."
        : `${String(wrong)} of ${String(checks.length)} checks found something wrong.`;
    output.answer({ lines: [...lines, "", summary], document: { ok: wrong === 0, checks } });
    if (wrong > 0) exitWith(1);
  },
});
