import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const da: Messages = {
  language: "da",
  direction: "ltr",
  title: "Vi er straks tilbage",
  explanation:
    "Vi opdaterer webstedet, så denne side kan ikke vises lige nu. Det skyldes ikke noget, du har gjort.",
  unsaved:
    "Det, du sendte, er måske ikke blevet gemt. Gå tilbage til den forrige side, og tjek det, før du sender igen.",
  comeBack: (when) => `Prøv igen ${when}.`,
  tryAgain: "Prøv igen",
  goBack: "Gå tilbage",
  waiting: "Du kan lade siden stå åben: Den genindlæses af sig selv, når webstedet er tilbage.",
  ready: "Webstedet er tilbage. Et øjeblik …",
  offline: "Du er offline. Siden fortsætter, når du har forbindelse igen.",
  stopped: "Siden er holdt op med selv at tjekke, om webstedet er tilbage. Prøv igen om lidt.",
  contact: "Kontakt os",
  statusPage: "Driftsstatus",
};
