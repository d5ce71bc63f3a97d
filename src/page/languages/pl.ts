import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const pl: Messages = {
  language: "pl",
  direction: "ltr",
  title: "Zaraz wracamy",
  explanation:
    "Aktualizujemy tę witrynę, dlatego przez chwilę nie możemy wyświetlić tej strony. To nie Twoja wina.",
  unsaved:
    "Przesłane dane mogły nie zostać zapisane. Wróć do poprzedniej strony i sprawdź to, zanim wyślesz je ponownie.",
  comeBack: (when) => `Spróbuj ponownie ${when}.`,
  tryAgain: "Spróbuj ponownie",
  goBack: "Wróć",
  waiting: "Możesz zostawić tę stronę otwartą: wczyta się sama, gdy witryna znów będzie dostępna.",
  ready: "Witryna znów jest dostępna. Chwileczkę…",
  offline: "Brak połączenia z internetem. Strona wznowi działanie, gdy połączenie wróci.",
  stopped: "Ta strona przestała sama sprawdzać, czy witryna działa. Spróbuj ponownie za jakiś czas.",
  contact: "Skontaktuj się z nami",
  statusPage: "Status usługi",
};
