import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isServerError } from "../core/decide.ts";
import type { Intermission } from "../core/intermission.ts";
import type { MaskedError } from "../core/settings/options.ts";
import type { InstanceMessage } from "./messages.ts";

export interface PanelLink {
  /** For `onMasked`. */
  masked(masked: MaskedError): void;
  /** The server is up: from now on the panel hears of regular errors too, and may ask for the verdict. */
  listening(server: Server, intermission: Intermission): void;
  /** Calls `stop` once, when the instance should end. */
  onStop(stop: () => void): void;
}

/** What an instance of the demonstration has beyond a real app: it reports to a panel. */
export function connectPanel(): PanelLink {
  const maskedRequests = new WeakSet<IncomingMessage>();

  function tell(message: InstanceMessage): void {
    // The channel may close at any time; nobody misses the lost message.
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
      // Also if the demonstration was killed: that closes the channel.
      process.once("disconnect", stopOnce);
      process.once("SIGTERM", stopOnce);
      // Ctrl-C in a terminal reaches every process at once, but the demonstration stops its instances in
      // order.
      process.on("SIGINT", () => undefined);
    },
  };
}

function requestIdOf(request: IncomingMessage): string {
  return String(request.headers["x-request-id"]);
}
