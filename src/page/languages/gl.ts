import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const gl: Messages = {
  language: "gl",
  direction: "ltr",
  title: "Volvemos axiña",
  explanation:
    "Estamos a actualizar este sitio e esta páxina non se pode amosar neste momento. Non se debe a nada que vostede fixese.",
  unsaved:
    "Pode que o que enviou non se gardase. Volva á páxina anterior e compróbeo antes de envialo de novo.",
  comeBack: (when) => `Ténteo de novo ${when}.`,
  tryAgain: "Tentar de novo",
  goBack: "Volver",
  waiting: "Pode deixar esta páxina aberta: cargarase soa cando o sitio volva estar dispoñible.",
  ready: "O sitio volve estar dispoñible. Un momento…",
  offline: "Non ten conexión. Esta páxina continuará cando se conecte de novo.",
  stopped: "Esta páxina deixou de comprobalo por si soa. Ténteo de novo dentro dun anaco.",
  contact: "Contacte connosco",
  statusPage: "Estado do servizo",
};
