import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const is: Messages = {
  language: "is",
  direction: "ltr",
  title: "Við komum aftur innan skamms",
  explanation:
    "Verið er að uppfæra vefinn og því er ekki hægt að birta þessa síðu í augnablikinu. Þetta er ekki vegna neins sem þú gerðir.",
  unsaved:
    "Óvíst er að það sem þú sendir hafi vistast. Farðu aftur á fyrri síðu og athugaðu það áður en þú sendir aftur.",
  comeBack: (when) => `Reyndu aftur ${when}.`,
  tryAgain: "Reyna aftur",
  goBack: "Til baka",
  waiting: "Þú getur haft þessa síðu opna: hún hleðst sjálfkrafa aftur þegar vefurinn er kominn í gagnið.",
  ready: "Vefurinn er kominn aftur í gagnið. Andartak…",
  offline: "Þú ert án nettengingar. Síðan heldur áfram þegar þú tengist aftur.",
  stopped: "Þessi síða er hætt að athuga þetta sjálfkrafa. Reyndu aftur eftir smástund.",
  contact: "Hafa samband",
  statusPage: "Staða þjónustunnar",
};
