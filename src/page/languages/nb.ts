import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const nb: Messages = {
  language: "nb",
  direction: "ltr",
  title: "Vi er straks tilbake",
  explanation:
    "Vi oppdaterer nettstedet, så denne siden kan ikke vises akkurat nå. Det skyldes ikke noe du har gjort.",
  unsaved:
    "Det du sendte, er kanskje ikke lagret. Gå tilbake til forrige side og sjekk før du sender på nytt.",
  comeBack: (when) => `Prøv igjen ${when}.`,
  tryAgain: "Prøv igjen",
  goBack: "Gå tilbake",
  waiting: "Du kan la siden stå åpen: Den lastes inn på nytt av seg selv når nettstedet er tilbake.",
  ready: "Nettstedet er tilbake. Et øyeblikk …",
  offline: "Du er frakoblet. Siden fortsetter når du er på nett igjen.",
  stopped: "Siden har sluttet å sjekke av seg selv. Prøv igjen om en liten stund.",
  contact: "Kontakt oss",
  statusPage: "Driftsstatus",
};
