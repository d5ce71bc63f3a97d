import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const et: Messages = {
  language: "et",
  direction: "ltr",
  title: "Oleme kohe tagasi",
  explanation: "Uuendame veebisaiti, mistõttu seda lehte ei saa hetkel kuvada. See ei ole teie süü.",
  unsaved:
    "Teie saadetu ei pruukinud salvestuda. Minge tagasi eelmisele lehele ja kontrollige enne uuesti saatmist.",
  comeBack: (when) => `Palun proovige uuesti ${when}.`,
  tryAgain: "Proovige uuesti",
  goBack: "Tagasi",
  waiting: "Võite selle lehe avatuks jätta: see laaditakse ise uuesti, kui sait on tagasi.",
  ready: "Sait on tagasi. Üks hetk…",
  offline: "Teil puudub internetiühendus. See leht jätkab, kui ühendus taastub.",
  stopped: "See leht enam ise ei kontrolli. Palun proovige mõne aja pärast uuesti.",
  contact: "Võtke meiega ühendust",
  statusPage: "Teenuse olek",
};
