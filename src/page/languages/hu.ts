import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const hu: Messages = {
  language: "hu",
  direction: "ltr",
  title: "Hamarosan visszatérünk",
  explanation:
    "Frissítjük a webhelyet, ezért ez az oldal egy rövid ideig nem jeleníthető meg. Nem Ön okozta.",
  unsaved:
    "Lehet, hogy az elküldött adatok nem lettek elmentve. Térjen vissza az előző oldalra, és ellenőrizze, mielőtt újra elküldi őket.",
  comeBack: (when) => `Kérjük, próbálja újra ${when}.`,
  tryAgain: "Újrapróbálás",
  goBack: "Vissza",
  waiting: "Ezt az oldalt nyitva hagyhatja: magától betöltődik, amint a webhely újra elérhető.",
  ready: "A webhely újra elérhető. Egy pillanat…",
  offline: "Nincs internetkapcsolat. Az oldal folytatja a működést, amint a kapcsolat helyreáll.",
  stopped:
    "Ez az oldal már nem ellenőrzi magától, hogy elérhető-e a webhely. Kérjük, próbálja újra egy kicsit később.",
  contact: "Kapcsolat",
  statusPage: "A szolgáltatás állapota",
};
