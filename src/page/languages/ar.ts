import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const ar: Messages = {
  language: "ar",
  direction: "rtl",
  title: "سنعود بعد قليل",
  explanation:
    "نقوم حاليًا بتحديث هذا الموقع، لذلك يتعذّر عرض هذه الصفحة لبعض الوقت. لم يحدث ذلك بسبب أي شيء قمت به.",
  unsaved: "ربما لم يُحفظ ما أرسلته. يُرجى العودة إلى الصفحة السابقة والتحقق من ذلك قبل الإرسال مرة أخرى.",
  // Intl says "within 2 minutes"; "after" fits the same phrase.
  comeBack: (when) => `يُرجى المحاولة مرة أخرى ${when.replace(/^خلال/, "بعد")}.`,
  tryAgain: "إعادة المحاولة",
  goBack: "رجوع",
  waiting: "يمكنك ترك هذه الصفحة مفتوحة، وسيُعاد تحميلها تلقائيًا عند عودة الموقع.",
  ready: "عاد الموقع إلى العمل. لحظة من فضلك…",
  offline: "أنت غير متصل بالإنترنت. ستتابع هذه الصفحة عملها عند عودة الاتصال.",
  stopped: "توقفت هذه الصفحة عن التحقق تلقائيًا. يُرجى المحاولة مرة أخرى بعد قليل.",
  contact: "اتصل بنا",
  statusPage: "حالة الخدمة",
};
