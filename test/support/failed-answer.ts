import type { FailedAnswer, Intermission, Replacement } from "../../src/index.ts";

/** A plain 500 of `GET /`. */
export function failedAnswer(differing: Partial<FailedAnswer> = {}): FailedAnswer {
  const method = differing.method ?? "GET";
  return { status: 500, method, path: "/", request: undefined, pageRequest: { method }, ...differing };
}

/** Judges an answer and sends the page if it should: synchronously if nothing waits. True: it was sent. */
export async function maskOne(
  intermission: Intermission,
  differing?: Partial<FailedAnswer>,
): Promise<boolean> {
  const replacement = intermission.replacementFor(failedAnswer(differing));
  if (replacement instanceof Promise) return replacement.then(send);
  return send(replacement);
}

function send(replacement: Replacement | undefined): boolean {
  replacement?.sent();
  return replacement !== undefined;
}
