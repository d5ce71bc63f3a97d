import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const eu: Messages = {
  language: "eu",
  direction: "ltr",
  title: "Laster itzuliko gara",
  explanation:
    "Webgune hau eguneratzen ari gara, eta une batez ezin da orri hau erakutsi. Ez da zuk egindako ezergatik gertatu.",
  unsaved:
    "Baliteke bidali duzuna gorde ez izana. Itzuli aurreko orrira, eta egiaztatu gorde den, berriro bidali aurretik.",
  comeBack: (when) => `Saiatu berriro ${when}.`,
  tryAgain: "Saiatu berriro",
  goBack: "Atzera",
  waiting: "Orri hau irekita utz dezakezu: bere kabuz kargatuko da webgunea berriro erabilgarri dagoenean.",
  ready: "Webgunea berriro erabilgarri dago. Une bat…",
  offline: "Ez duzu konexiorik. Orri honek aurrera egingo du berriro konektatzen zarenean.",
  stopped: "Orri honek bere kabuz egiaztatzeari utzi dio. Saiatu berriro pixka bat geroago.",
  contact: "Jarri gurekin harremanetan",
  statusPage: "Zerbitzuaren egoera",
};
