import type { ServerResponse } from "node:http";
import { watchProcess } from "../../http/node/process.ts";
import { rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/**
 * Watches every server of the process.
 *
 * @returns Keeps what was thrown for the request with these headers, the only object of Node's that Next.js
 * passes on.
 */
export function watchApp(options: AdapterOptions | undefined): (headers: object, error: unknown) => void {
  const responses = new WeakMap<object, ServerResponse>();
  const intermission = intermissionFrom(options);
  watchProcess({
    intermission: () => intermission,
    onWatched(request, response) {
      responses.set(request.headers, response);
    },
  });
  return function rememberErrorOf(headers, error) {
    const response = responses.get(headers);
    if (response !== undefined) rememberError(response, error);
  };
}
