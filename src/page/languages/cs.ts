import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const cs: Messages = {
  language: "cs",
  direction: "ltr",
  title: "Hned jsme zpátky",
  explanation:
    "Aktualizujeme tento web, a proto tuto stránku teď na chvíli nelze zobrazit. Není to vaše chyba.",
  unsaved:
    "Odeslané údaje se možná neuložily. Vraťte se na předchozí stránku a zkontrolujte to, než je odešlete znovu.",
  comeBack: (when) => `Zkuste to prosím znovu ${when}.`,
  tryAgain: "Zkusit znovu",
  goBack: "Zpět",
  waiting: "Tuto stránku můžete nechat otevřenou: jakmile bude web zase dostupný, sama se načte.",
  ready: "Web je zase dostupný. Okamžik…",
  offline: "Jste offline. Stránka bude pokračovat, až se připojení obnoví.",
  stopped: "Tato stránka už sama nezjišťuje, zda je web dostupný. Zkuste to prosím za chvíli znovu.",
  contact: "Kontaktujte nás",
  statusPage: "Stav služby",
};
