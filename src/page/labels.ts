import type { Messages } from "./messages.ts";

/** The words of the brand's links. */
type Label = "contact" | "statusPage";

const english: Readonly<Record<Label, string>> = { contact: "Contact us", statusPage: "Status page" };

/** In the language of the page, where that has them. */
export function toLabel(messages: Messages, label: Label): string {
  return (messages as Messages & Partial<Record<Label, string>>)[label] ?? english[label];
}
