import type { FailedAnswer, Intermission, Replacement } from "../../src/index.ts";

/** A plain 500 of `GET /`. */
export function failedAnswer(differing: Partial<FailedAnswer> = {}): FailedAnswer {
  const method = differing.method ?? "GET";
  return { status: 500, method, path: "/", request: undefined, pageRequest: { method }, ...differing };
}

/** Has an answer judged, and the page sent if it is to be: at once, where nothing waits. True: it is. */
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
