import { reasonOf } from "../../core/errors.ts";
import { systemClock } from "../../core/runtime.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import type { Output } from "../terminal/output.ts";
import type { Session } from "./session.ts";

/** How long a verb may take to tell what it did. Milliseconds. */
const tellWithin = 5000;

/**
 * Tells webhooks what the history has that nobody told yet. Never rejects: what can't be told is a warning,
 * and an instance tells it later.
 */
export async function announce({ store, intermission }: Session, output: Output): Promise<void> {
  const { app, webhook, webhookSecret } = intermission.settings;
  if (webhook.length === 0) return;
  try {
    await withTimeLimit(systemClock, tellWithin, tell(), {
      timeIsUp: () => new Error(`it took longer than ${String(tellWithin / 1000)} s`),
    });
  } catch (error) {
    warn(reasonOf(error));
  }

  async function tell(): Promise<void> {
    const [{ createOutbox }, { createReceivers }] = await Promise.all([
      import("../../notify/outbox.ts"),
      import("../../notify/receiver.ts"),
    ]);
    const receivers = await createReceivers(webhook, webhookSecret);
    const { failures } = await createOutbox({
      store,
      app,
      clock: systemClock,
      receivers,
      isAwaited: true,
    }).flush();
    if (failures.length > 0) warn(failures.join("; "));
  }

  function warn(found: string): void {
    output.note([
      { style: "yellow", text: "Warning:" },
      ` not everybody could be told by webhook: ${found}. Instances with MAINTENANCE_WEBHOOK try again.`,
    ]);
  }
}
