import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const nn: Messages = {
  language: "nn",
  direction: "ltr",
  title: "Vi er straks tilbake",
  explanation:
    "Vi oppdaterer nettstaden, så denne sida kan ikkje visast akkurat no. Det kjem ikkje av noko du har gjort.",
  unsaved: "Det du sende, er kanskje ikkje lagra. Gå tilbake til førre side og sjekk før du sender på nytt.",
  comeBack: (when) => `Prøv igjen ${when}.`,
  tryAgain: "Prøv igjen",
  goBack: "Gå tilbake",
  waiting: "Du kan la sida stå open: Ho blir lasta inn på nytt av seg sjølv når nettstaden er tilbake.",
  ready: "Nettstaden er tilbake. Eit augeblikk …",
  offline: "Du er fråkopla. Sida held fram når du er på nett igjen.",
  stopped: "Sida har slutta å sjekke av seg sjølv. Prøv igjen om ei lita stund.",
  contact: "Kontakt oss",
  statusPage: "Driftsstatus",
};
