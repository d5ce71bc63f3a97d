import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const it: Messages = {
  language: "it",
  direction: "ltr",
  title: "Torniamo subito",
  explanation:
    "Stiamo aggiornando il sito e per qualche istante questa pagina non è disponibile. Non dipende da te.",
  unsaved:
    "I dati inviati potrebbero non essere stati salvati. Torna alla pagina precedente e controlla prima di inviarli di nuovo.",
  comeBack: (when) => `Riprova ${when}.`,
  tryAgain: "Riprova",
  goBack: "Torna indietro",
  waiting:
    "Puoi lasciare aperta questa pagina: si ricaricherà da sola quando il sito sarà di nuovo disponibile.",
  ready: "Il sito è di nuovo disponibile. Un attimo…",
  offline: "Sei offline. Questa pagina riprenderà quando la connessione sarà ristabilita.",
  stopped: "Questa pagina ha smesso di controllare da sola. Riprova tra un po’.",
  contact: "Contattaci",
  statusPage: "Stato del servizio",
};
