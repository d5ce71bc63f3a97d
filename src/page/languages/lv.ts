import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const lv: Messages = {
  language: "lv",
  direction: "ltr",
  title: "Drīz būsim atpakaļ",
  explanation: "Mēs atjauninām šo vietni, tāpēc šo lapu pašlaik nevar parādīt. Tā nav jūsu vaina.",
  unsaved:
    "Jūsu nosūtītais, iespējams, nav saglabāts. Atgriezieties iepriekšējā lapā un pārbaudiet, pirms sūtāt vēlreiz.",
  comeBack: (when) => `Lūdzu, mēģiniet vēlreiz ${when}.`,
  tryAgain: "Mēģināt vēlreiz",
  goBack: "Atpakaļ",
  waiting: "Varat atstāt šo lapu atvērtu: tā pati ielādēsies, tiklīdz vietne atkal darbosies.",
  ready: "Vietne atkal darbojas. Mirklīti…",
  offline: "Jūs esat bezsaistē. Šī lapa turpinās darbu, kad savienojums tiks atjaunots.",
  stopped: "Šī lapa vairs pati nepārbauda, vai vietne darbojas. Lūdzu, mēģiniet vēlreiz pēc brīža.",
  contact: "Sazināties ar mums",
  statusPage: "Pakalpojuma statuss",
};
