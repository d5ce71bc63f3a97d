import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const sv: Messages = {
  language: "sv",
  direction: "ltr",
  title: "Vi är snart tillbaka",
  explanation:
    "Vi uppdaterar webbplatsen, så den här sidan kan inte visas just nu. Det beror inte på något du har gjort.",
  unsaved:
    "Det du skickade har kanske inte sparats. Gå tillbaka till föregående sida och kontrollera innan du skickar igen.",
  comeBack: (when) => `Försök igen ${when}.`,
  tryAgain: "Försök igen",
  goBack: "Gå tillbaka",
  waiting: "Du kan lämna sidan öppen: den laddas om av sig själv när webbplatsen är tillbaka.",
  ready: "Webbplatsen är tillbaka. Ett ögonblick …",
  offline: "Du är offline. Sidan fortsätter när du är ansluten igen.",
  stopped: "Sidan kontrollerar inte längre av sig själv om webbplatsen är tillbaka. Försök igen om en stund.",
  contact: "Kontakta oss",
  statusPage: "Driftstatus",
};
