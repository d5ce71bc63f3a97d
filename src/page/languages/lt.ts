import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const lt: Messages = {
  language: "lt",
  direction: "ltr",
  title: "Netrukus grįšime",
  explanation: "Atnaujiname šią svetainę, todėl šio puslapio kol kas negalime parodyti. Tai ne jūsų kaltė.",
  unsaved:
    "Tai, ką išsiuntėte, galėjo būti neišsaugota. Grįžkite į ankstesnį puslapį ir patikrinkite prieš siųsdami dar kartą.",
  comeBack: (when) => `Pabandykite dar kartą ${when}.`,
  tryAgain: "Bandyti dar kartą",
  goBack: "Atgal",
  waiting: "Galite palikti šį puslapį atvertą: jis pats įsikels, kai svetainė vėl veiks.",
  ready: "Svetainė vėl veikia. Akimirką…",
  offline: "Nėra interneto ryšio. Šis puslapis tęs darbą, kai ryšys bus atkurtas.",
  stopped: "Šis puslapis nebetikrina pats. Pabandykite dar kartą šiek tiek vėliau.",
  contact: "Susisiekite su mumis",
  statusPage: "Paslaugos būsena",
};
