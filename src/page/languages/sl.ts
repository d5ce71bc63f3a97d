import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const sl: Messages = {
  language: "sl",
  direction: "ltr",
  title: "Kmalu se vrnemo",
  explanation:
    "Posodabljamo to spletno mesto, zato te strani trenutno ni mogoče prikazati. Za to niste krivi vi.",
  unsaved:
    "Poslano morda ni bilo shranjeno. Vrnite se na prejšnjo stran in preverite, preden pošljete znova.",
  comeBack: (when) => `Poskusite znova ${when}.`,
  tryAgain: "Poskusite znova",
  goBack: "Nazaj",
  waiting: "To stran lahko pustite odprto: ko bo spletno mesto spet na voljo, se bo naložila sama.",
  ready: "Spletno mesto je spet na voljo. Trenutek …",
  offline: "Nimate internetne povezave. Stran bo spet delovala, ko bo povezava vzpostavljena.",
  stopped: "Ta stran ne preverja več sama. Poskusite znova čez nekaj časa.",
  contact: "Pišite nam",
  statusPage: "Stanje storitve",
};
