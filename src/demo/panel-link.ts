import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isServerError } from "../core/decide.ts";
import type { Intermission } from "../core/intermission.ts";
import type { MaskedError } from "../core/settings/options.ts";
import type { InstanceMessage } from "./messages.ts";

export interface PanelLink {
  /** For `onMasked`. */
  masked(masked: MaskedError): void;
  /** The server is up: from now on the panel is told of regular errors too, and may ask for the verdict. */
  listening(server: Server, intermission: Intermission): void;
  /** Calls `stop` once, when the instance is to end. */
  onStop(stop: () => void): void;
}

/** What an instance of the demonstration has and a real app has not: it tells a panel what it does. */
export function connectPanel(): PanelLink {
  const maskedRequests = new WeakSet<IncomingMessage>();

  function tell(message: InstanceMessage): void {
    // The channel may close at any time; a message that is lost then is missed by nobody.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }

  function tellRegular(request: IncomingMessage, response: ServerResponse, intermission: Intermission): void {
    response.once("finish", () => {
      if (!isServerError(response.statusCode) || maskedRequests.has(request)) return;
      const requestId = requestIdOf(request);
      const path = (request.url ?? "/").replace(/\?.*$/s, "");
      void intermission.decide({ status: response.statusCode, path }).then((verdict) => {
        tell({ type: "judged", requestId, verdict });
      });
    });
  }

  return {
    masked({ request, reason }) {
      const visit = request as IncomingMessage;
      maskedRequests.add(visit);
      tell({ type: "judged", requestId: requestIdOf(visit), verdict: { verdict: "maintenance", reason } });
    },
    listening(server, intermission) {
      server.on("request", (request, response) => {
        tellRegular(request, response, intermission);
      });
      process.on("message", () => {
        void intermission.decide().then((verdict) => {
          tell({ type: "verdict", verdict });
        });
      });
      tell({ type: "listening", port: (server.address() as AddressInfo).port });
    },
    onStop(stop) {
      let stopped = false;
      const stopOnce = (): void => {
        if (stopped) return;
        stopped = true;
        if (process.connected) process.disconnect();
        stop();
      };
      // Also when the demonstration itself was killed: the channel ends with it.
      process.once("disconnect", stopOnce);
      process.once("SIGTERM", stopOnce);
      // Ctrl-C in a terminal reaches every process at once; the demonstration stops its instances in order.
      process.on("SIGINT", () => undefined);
    },
  };
}

function requestIdOf(request: IncomingMessage): string {
  return String(request.headers["x-request-id"]);
}
