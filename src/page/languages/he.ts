import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const he: Messages = {
  language: "he",
  direction: "rtl",
  title: "נחזור בקרוב",
  explanation: "אנחנו מעדכנים את האתר, ולכן אי אפשר להציג את הדף הזה כרגע. זה לא קרה בגלל משהו שעשית.",
  unsaved: "ייתכן שמה ששלחת לא נשמר. כדאי לחזור לדף הקודם ולבדוק לפני ששולחים שוב.",
  // Intl adds the number in brackets even if the noun already says it.
  comeBack: (when) => `אפשר לנסות שוב ${when.replace(/ \(\d\)$/, "")}.`,
  tryAgain: "ניסיון נוסף",
  goBack: "חזרה",
  waiting: "אפשר להשאיר את הדף הזה פתוח: הוא ייטען מעצמו כשהאתר יחזור.",
  ready: "האתר חזר. רק רגע…",
  offline: "אין חיבור לאינטרנט. הדף ימשיך כשהחיבור יחזור.",
  stopped: "הדף הפסיק לבדוק מעצמו. אפשר לנסות שוב בעוד זמן מה.",
  contact: "יצירת קשר",
  statusPage: "מצב השירות",
};
