import { request as sendRequest, type Agent, type IncomingMessage } from "node:http";

/** Milliseconds after which an answer is given up. */
const patience = 10_000;

export interface Visit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Keeps connections alive. Left out: a new connection. */
  readonly agent?: Agent;
}

/** An answer as sent over the wire. */
export interface Answer {
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: IncomingMessage["headers"];
  /** In order, without those that differ from one answer to the next. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** False: the connection broke before the end. */
  readonly complete: boolean;
}

/** Sends a request, and resolves when its response header has arrived. */
export function begin(url: string, { body, ...visit }: Visit = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(url, { agent: false, timeout: patience, ...visit }, resolve);
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error(`no answer in ${String(patience / 1000)} s`)));
    request.end(body);
  });
}

/** Sends a request without following redirects or decoding, and reads the answer to its end. */
export async function visit(url: string, options?: Visit): Promise<Answer> {
  const response = await begin(url, options);
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", () => undefined);
    response.on("close", resolve);
  });
  return {
    status: response.statusCode ?? 0,
    statusMessage: response.statusMessage ?? "",
    headers: response.headers,
    fields: fieldsOf(response.rawHeaders),
    body: Buffer.concat(chunks).toString(),
    complete: response.complete,
  };
}

function fieldsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  const fields: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = "", value = ""] = raw.slice(index, index + 2);
    if (name.toLowerCase() !== "date") fields.push([name, value]);
  }
  return fields;
}
