import type { Messages } from "../messages.ts";

/** Confidence: high. The language that the others were written from; read twice. */
export const en: Messages = {
  language: "en",
  direction: "ltr",
  title: "We’ll be right back",
  explanation:
    "We are updating this site, so this page can’t be shown for a moment. Nothing you did caused this.",
  unsaved:
    "What you sent may not have been saved. Go back to the page you came from, and check before you send it again.",
  comeBack: (when) => `Please try again ${when}.`,
  tryAgain: "Try again",
  goBack: "Go back",
  waiting: "You can leave this page open: it returns by itself when the site is back.",
  ready: "The site is back. One moment…",
  offline: "You are offline. This page goes on when you are connected again.",
  stopped: "This page has stopped asking by itself. Please try again in a little while.",
  contact: "Contact us",
  statusPage: "Status page",
};
