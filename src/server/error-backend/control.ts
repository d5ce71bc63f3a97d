import type { RequestListener } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { pathOf } from "../../http/headers.ts";
import { discardBody, send } from "./answers.ts";
import { expositionType } from "../exposition.ts";
import type { Metrics } from "./metrics.ts";
import type { Publication } from "./published-state.ts";

export interface ControlOptions {
  readonly intermission: Pick<Intermission, "health">;
  readonly metrics: Pick<Metrics, "render">;
  readonly publisher: { readonly published: Publication };
}

interface ControlAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const plain = "text/plain; charset=utf-8";
const json = "application/json";

/** For proxies, monitors and people. On a separate address, so that no visitor's path ever leads here. */
export function createControl({ intermission, metrics, publisher }: ControlOptions): RequestListener {
  const answers: Readonly<Record<string, () => ControlAnswer>> = {
    "/state": () => ({ status: 200, type: json, text: `${publisher.published.state}\n` }),
    "/flag": () => {
      const { active } = publisher.published.situation;
      return { status: active ? 200 : 503, type: plain, text: active ? "active\n" : "inactive\n" };
    },
    "/metrics": () => ({ status: 200, type: expositionType, text: metrics.render() }),
    // Without its store it goes on with what it knows, so it need not be restarted.
    "/healthz": () => ({
      status: 200,
      type: json,
      text: `${JSON.stringify({ status: "ok", storeUp: intermission.health().storeUp ?? null })}\n`,
    }),
  };

  return (request, response) => {
    discardBody(request);
    const path = pathOf(request.url);
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    const { status, type, text } = answer?.() ?? { status: 404, type: plain, text: "Not found\n" };
    const body = Buffer.from(text);
    const headers = {
      "content-type": type,
      "content-length": body.byteLength,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    };
    send(request, response, { status, headers, body });
  };
}
