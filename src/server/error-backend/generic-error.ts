import { STATUS_CODES, type OutgoingHttpHeaders } from "node:http";
import type { PageRequest } from "../../core/ports.ts";
import { inertPolicy, type Format } from "../../page/format.ts";
import { chooseFormat } from "../../page/choose-format.ts";

/** An answer in the form that costs Node least. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

// Two hundred statuses and a few formats.
const prepared = new Map<string, Answer>();

/** A regular error for a proxy that discarded the original: the status and its name. */
export function genericError(status: number, pageRequest: PageRequest): Answer {
  const format = chooseFormat(pageRequest);
  const key = `${String(status)} ${format.name}`;
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const { type, text } = render(status, format);
  const body = Buffer.from(text);
  const answer = {
    status,
    headers: {
      "content-type": type,
      "content-length": body.byteLength,
      "cache-control": "no-store",
      vary: "Accept",
      "content-security-policy": inertPolicy,
      "x-content-type-options": "nosniff",
      "x-maintenance": "regular",
    },
    body,
  };
  prepared.set(key, answer);
  return answer;
}

function render(
  status: number,
  { name, contentType }: Format,
): { readonly type: string; readonly text: string } {
  const title = STATUS_CODES[status] ?? "Error";
  if (name === "empty") return { type: contentType, text: "" };
  if (/^text\/html\b/.test(contentType)) {
    const line = `${String(status)} ${title}`;
    return {
      type: contentType,
      text: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${line}</title></head><body><h1>${line}</h1></body></html>\n`,
    };
  }
  if (contentType.includes("json"))
    return { type: contentType, text: JSON.stringify({ type: "about:blank", title, status }) };
  return { type: "text/plain; charset=utf-8", text: `${String(status)} ${title}\n` };
}
