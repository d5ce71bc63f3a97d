import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const srLatn: Messages = {
  language: "sr-Latn",
  direction: "ltr",
  title: "Uskoro se vraćamo",
  explanation:
    "Ažuriramo ovaj sajt, pa ovu stranicu trenutno ne možemo da prikažemo. To se nije desilo zbog vas.",
  unsaved:
    "Ono što ste poslali možda nije sačuvano. Vratite se na prethodnu stranicu i proverite pre nego što ponovo pošaljete.",
  comeBack: (when) => `Pokušajte ponovo ${when}.`,
  tryAgain: "Pokušajte ponovo",
  goBack: "Nazad",
  waiting: "Ovu stranicu možete da ostavite otvorenu: učitaće se sama čim sajt ponovo bude dostupan.",
  ready: "Sajt je ponovo dostupan. Trenutak…",
  offline: "Niste povezani sa internetom. Stranica će nastaviti sa radom kada se veza ponovo uspostavi.",
  stopped: "Ova stranica više ne proverava sama. Pokušajte ponovo malo kasnije.",
  contact: "Kontaktirajte nas",
  statusPage: "Status usluge",
};
