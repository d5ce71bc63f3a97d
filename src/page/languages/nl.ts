import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const nl: Messages = {
  language: "nl",
  direction: "ltr",
  title: "We zijn zo terug",
  explanation:
    "We werken deze site bij, daarom kan deze pagina heel even niet worden getoond. Het ligt niet aan u.",
  unsaved:
    "Wat u hebt verstuurd, is misschien niet opgeslagen. Ga terug naar de vorige pagina en controleer het voordat u het opnieuw verstuurt.",
  comeBack: (when) => `Probeer het ${when} opnieuw.`,
  tryAgain: "Opnieuw proberen",
  goBack: "Terug",
  waiting: "U kunt deze pagina open laten staan: die wordt vanzelf opnieuw geladen zodra de site terug is.",
  ready: "De site is terug. Een ogenblik…",
  offline: "U bent offline. Deze pagina gaat verder zodra u weer verbinding hebt.",
  stopped:
    "Deze pagina controleert niet meer vanzelf of de site terug is. Probeer het over een tijdje opnieuw.",
  contact: "Contact",
  statusPage: "Statuspagina",
};
