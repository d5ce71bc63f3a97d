import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const de: Messages = {
  language: "de",
  direction: "ltr",
  title: "Wir sind gleich zurück",
  explanation:
    "Wir aktualisieren diese Website gerade, deshalb lässt sich diese Seite für einen Moment nicht anzeigen. Es liegt nicht an Ihnen.",
  unsaved:
    "Was Sie abgeschickt haben, wurde möglicherweise nicht gespeichert. Gehen Sie zurück zur vorherigen Seite und prüfen Sie, ob es angekommen ist, bevor Sie es noch einmal abschicken.",
  comeBack: (when) => `Bitte versuchen Sie es ${when} noch einmal.`,
  tryAgain: "Noch einmal versuchen",
  goBack: "Zurück",
  waiting: "Sie können diese Seite offen lassen: Sie lädt von selbst neu, sobald die Website wieder da ist.",
  ready: "Die Website ist wieder da. Einen Moment …",
  offline: "Sie sind offline. Hier geht es weiter, sobald Sie wieder verbunden sind.",
  stopped: "Diese Seite fragt nicht mehr von selbst nach. Bitte versuchen Sie es in einer Weile noch einmal.",
  contact: "Kontakt",
  statusPage: "Statusseite",
};
