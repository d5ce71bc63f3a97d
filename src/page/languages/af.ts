import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const af: Messages = {
  language: "af",
  direction: "ltr",
  title: "Ons is binnekort terug",
  explanation:
    "Ons werk hierdie webwerf tans by, daarom kan hierdie bladsy vir ’n oomblik nie gewys word nie. Dit is nie deur iets wat u gedoen het veroorsaak nie.",
  unsaved:
    "Wat u gestuur het, is dalk nie gestoor nie. Gaan terug na die vorige bladsy en kyk eers voordat u dit weer stuur.",
  comeBack: (when) => `Probeer asseblief ${when} weer.`,
  tryAgain: "Probeer weer",
  goBack: "Gaan terug",
  waiting: "U kan hierdie bladsy oop laat: dit sal vanself herlaai wanneer die webwerf terug is.",
  ready: "Die webwerf is terug. Net ’n oomblik…",
  offline: "U is vanlyn. Hierdie bladsy sal voortgaan wanneer u weer verbind is.",
  stopped:
    "Hierdie bladsy kyk nie meer vanself of die webwerf terug is nie. Probeer asseblief oor ’n rukkie weer.",
  contact: "Kontak ons",
  statusPage: "Diensstatus",
};
