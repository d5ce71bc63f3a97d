import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const fi: Messages = {
  language: "fi",
  direction: "ltr",
  title: "Palaamme pian",
  explanation: "Päivitämme sivustoa, joten tätä sivua ei voida juuri nyt näyttää. Tämä ei johdu sinusta.",
  unsaved:
    "Lähettämäsi tiedot eivät ehkä tallentuneet. Palaa edelliselle sivulle ja tarkista tilanne, ennen kuin lähetät ne uudelleen.",
  comeBack: (when) => `Yritä uudelleen ${when}.`,
  tryAgain: "Yritä uudelleen",
  goBack: "Takaisin",
  waiting: "Voit jättää tämän sivun auki: se latautuu itsestään, kun sivusto on taas käytettävissä.",
  ready: "Sivusto on taas käytettävissä. Pieni hetki…",
  offline: "Sinulla ei ole verkkoyhteyttä. Sivu jatkaa toimintaansa, kun yhteys palautuu.",
  stopped: "Tämä sivu ei enää tarkista tilannetta itsestään. Yritä hetken kuluttua uudelleen.",
  contact: "Ota yhteyttä",
  statusPage: "Palvelun tila",
};
