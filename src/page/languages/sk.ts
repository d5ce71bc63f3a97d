import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const sk: Messages = {
  language: "sk",
  direction: "ltr",
  title: "Hneď sme späť",
  explanation:
    "Aktualizujeme tento web, a preto túto stránku teraz na chvíľu nemožno zobraziť. Nie je to vaša chyba.",
  unsaved:
    "Odoslané údaje sa možno neuložili. Vráťte sa na predchádzajúcu stránku a skontrolujte to, skôr než ich odošlete znova.",
  comeBack: (when) => `Skúste to, prosím, znova ${when}.`,
  tryAgain: "Skúsiť znova",
  goBack: "Späť",
  waiting: "Túto stránku môžete nechať otvorenú: keď bude web opäť dostupný, sama sa načíta.",
  ready: "Web je opäť dostupný. Moment…",
  offline: "Ste offline. Stránka bude pokračovať, keď sa pripojenie obnoví.",
  stopped: "Táto stránka už sama nezisťuje, či je web dostupný. Skúste to, prosím, o chvíľu znova.",
  contact: "Kontaktujte nás",
  statusPage: "Stav služby",
};
