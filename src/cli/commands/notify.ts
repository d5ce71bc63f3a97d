import { systemClock } from "../../core/runtime.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { createEvent, createMessageId } from "../../notify/event.ts";
import { createReceivers } from "../../notify/receiver.ts";
import { defineCommand, jsonOption } from "../arguments/command.ts";
import { UsageError } from "../arguments/usage-error.ts";
import type { Line } from "../terminal/output.ts";

export const notify = defineCommand({
  name: "notify",
  summary: "Sends a test event to every webhook, and prints what each answered",
  details: [
    "notify test sends it to the addresses of MAINTENANCE_WEBHOOK, once, and waits 4 seconds for each answer.",
    "It needs no store, and prints no address: only hosts. It ends with 1 if one did not take the event.",
  ],
  example: "intermission notify test",
  positionals: ["test"],
  options: {
    app: { value: "NAME", summary: "The app's name in the event (else MAINTENANCE_APP, else default)" },
    ...jsonOption,
  },
  async run({ options, positionals, environment, output, exitWith }) {
    if (positionals[0] !== "test") throw new UsageError("What to send is missing: intermission notify test");
    const { app, webhook, webhookSecret } = resolveSettings(
      { app: options.app },
      { ...environment, MAINTENANCE_TEMPLATE: undefined },
    );
    if (webhook.length === 0)
      throw new UsageError("Nobody is to be told: set MAINTENANCE_WEBHOOK to one or more addresses.");
    const receivers = await createReceivers(webhook, webhookSecret);
    const now = systemClock.now();
    const event = createEvent("test", app, now, "this is a test of intermission notify.");
    const id = createMessageId();
    const results = await Promise.all(
      receivers.map(async (receiver) => ({ to: receiver.name, ...(await receiver.send(id, event, now)) })),
    );
    output.answer({
      lines: results.map(({ to, ok, found }): Line => [
        { style: ok ? "green" : "red", text: ok ? "told  " : "failed" },
        `  ${to}: ${found}`,
      ]),
      document: {
        ok: results.every(({ ok }) => ok),
        receivers: results.map(({ to, ok, found }) => ({ to, ok, found })),
      },
    });
    if (!results.every(({ ok }) => ok)) exitWith(1);
  },
});
