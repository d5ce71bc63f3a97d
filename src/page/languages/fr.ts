import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const fr: Messages = {
  language: "fr",
  direction: "ltr",
  title: "Nous revenons tout de suite",
  explanation:
    "Nous mettons ce site à jour, et cette page ne peut pas être affichée pour le moment. Vous n’y êtes pour rien.",
  unsaved:
    "Ce que vous avez envoyé n’a peut-être pas été enregistré. Revenez à la page précédente et vérifiez avant de l’envoyer à nouveau.",
  comeBack: (when) => `Merci de réessayer ${when}.`,
  tryAgain: "Réessayer",
  goBack: "Retour",
  waiting:
    "Vous pouvez laisser cette page ouverte\u00a0: elle se rechargera d’elle-même dès que le site sera de retour.",
  ready: "Le site est de retour. Un instant…",
  offline: "Vous êtes hors ligne. Cette page reprendra dès que vous serez de nouveau en ligne.",
  stopped: "Cette page a cessé de vérifier d’elle-même. Merci de réessayer un peu plus tard.",
  contact: "Nous contacter",
  statusPage: "État du service",
};
