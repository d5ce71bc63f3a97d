import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const hr: Messages = {
  language: "hr",
  direction: "ltr",
  title: "Uskoro se vraćamo",
  explanation:
    "Ažuriramo ovo web-mjesto, pa ovu stranicu trenutačno ne možemo prikazati. Za to niste krivi vi.",
  unsaved:
    "Ono što ste poslali možda nije spremljeno. Vratite se na prethodnu stranicu i provjerite prije ponovnog slanja.",
  comeBack: (when) => `Pokušajte ponovno ${when}.`,
  tryAgain: "Pokušajte ponovno",
  goBack: "Natrag",
  waiting: "Ovu stranicu možete ostaviti otvorenom: učitat će se sama čim web-mjesto ponovno bude dostupno.",
  ready: "Web-mjesto je ponovno dostupno. Trenutak…",
  offline: "Niste povezani s internetom. Stranica će nastaviti s radom kad se veza ponovno uspostavi.",
  stopped: "Ova stranica više ne provjerava sama. Pokušajte ponovno malo kasnije.",
  contact: "Kontaktirajte nas",
  statusPage: "Status usluge",
};
