import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const ca: Messages = {
  language: "ca",
  direction: "ltr",
  title: "Tornem de seguida",
  explanation:
    "Estem actualitzant aquest lloc web i aquesta pàgina no es pot mostrar ara mateix. No es deu a res que hàgiu fet.",
  unsaved:
    "És possible que el que heu enviat no s’hagi desat. Torneu a la pàgina anterior i comproveu-ho abans de tornar-ho a enviar.",
  comeBack: (when) => `Torneu-ho a provar ${when}.`,
  tryAgain: "Torneu-ho a provar",
  goBack: "Enrere",
  waiting: "Podeu deixar aquesta pàgina oberta: es carregarà sola quan el lloc web torni a estar disponible.",
  ready: "El lloc web torna a estar disponible. Un moment…",
  offline: "No teniu connexió. Aquesta pàgina continuarà quan us torneu a connectar.",
  stopped: "Aquesta pàgina ha deixat de comprovar-ho tota sola. Torneu-ho a provar d’aquí a una estona.",
  contact: "Contacteu amb nosaltres",
  statusPage: "Estat del servei",
};
