import { inertPolicy, type Format } from "../format.ts";

/** For terminals and logs. */
export const text: Format = {
  name: "text",
  mediaTypes: /^text\/(?:plain|\*)$/,
  destinations: ["text"],
  contentType: "text/plain; charset=utf-8",
  contentSecurityPolicy: inertPolicy,

  render({ title, paragraphs, links }) {
    const lines = links.map(({ label, address }) => `${label}: ${address}\n`).join("");
    return `${title}\n\n${paragraphs.join("\n")}\n${lines === "" ? "" : `\n${lines}`}`;
  },
};
