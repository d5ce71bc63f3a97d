import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const ro: Messages = {
  language: "ro",
  direction: "ltr",
  title: "Revenim imediat",
  explanation:
    "Actualizăm acest site, așa că pagina nu poate fi afișată pentru moment. Nu este din vina dumneavoastră.",
  unsaved:
    "Este posibil ca datele trimise să nu fi fost salvate. Reveniți la pagina anterioară și verificați înainte de a le trimite din nou.",
  comeBack: (when) => `Vă rugăm să încercați din nou ${when}.`,
  tryAgain: "Încercați din nou",
  goBack: "Înapoi",
  waiting:
    "Puteți lăsa această pagină deschisă: se va încărca singură când site-ul va fi din nou disponibil.",
  ready: "Site-ul este din nou disponibil. Un moment…",
  offline: "Nu aveți conexiune la internet. Pagina va continua când conexiunea va reveni.",
  stopped: "Această pagină nu mai verifică singură. Vă rugăm să încercați din nou puțin mai târziu.",
  contact: "Contactați-ne",
  statusPage: "Starea serviciului",
};
