import { systemClock } from "../../core/runtime.ts";
import type { Subscription } from "../shared/subscriber.ts";
import {
  consume,
  heartbeat,
  isMissingStream,
  lastMessage,
  subjectOf,
  type Bucket,
  type Call,
} from "./jetstream.ts";

/** Milliseconds until it looks again for a missing bucket. */
const lookAgain = 1000;

/**
 * Heartbeats prove it alive. While there is no bucket it keeps looking, then counts as lost, so that all read
 * again.
 */
export function listen(
  call: Call,
  bucket: Bucket,
  heard: (key: string) => void,
  lost: () => void,
): Subscription {
  let position = 0;
  let cancel: (() => void) | undefined;
  let ended = false;

  function after(milliseconds: number, then: () => void): void {
    cancel?.();
    cancel = ended ? undefined : systemClock.after(milliseconds, then);
  }
  const alive = (): void => {
    after(2.5 * heartbeat, lost);
  };
  function lookForBucket(): void {
    after(lookAgain, () => {
      lastMessage(call, bucket, "none").then(lost, (error: unknown) => {
        if (isMissingStream(error)) lookForBucket();
        else lost();
      });
    });
  }

  const consumer = consume(
    call,
    bucket,
    ">",
    "new",
    ({ message, position: at }) => {
      position = at;
      alive();
      heard(message.subject.slice(subjectOf(bucket, "").length));
    },
    (at) => {
      if (at === position) alive();
      else lost();
    },
  );
  call.client.closed().then(lost, lost);
  return {
    subscribed: consumer.created.then(alive, (error: unknown) => {
      if (!isMissingStream(error)) throw error;
      lookForBucket();
    }),
    end() {
      ended = true;
      cancel?.();
      consumer.end();
    },
  };
}
