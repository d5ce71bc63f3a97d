import type { Messages } from "../../src/page/messages.ts";

/** Texts that run from right to left, for what a layout has to stand. */
export const arabic: Messages = {
  language: "ar",
  direction: "rtl",
  title: "سنعود قريبًا",
  explanation: "نقوم بتحديث هذا الموقع، لذلك لا يمكن عرض هذه الصفحة الآن. لم يحدث هذا بسبب أي شيء فعلته.",
  unsaved: "ربما لم يُحفظ ما أرسلته. ارجع إلى الصفحة السابقة وتحقق قبل أن ترسله مرة أخرى.",
  comeBack: (when) => `يرجى المحاولة مرة أخرى ${when}.`,
  tryAgain: "حاول مرة أخرى",
  goBack: "رجوع",
  waiting: "يمكنك ترك هذه الصفحة مفتوحة: ستعود من تلقاء نفسها.",
  ready: "عاد الموقع. لحظة…",
  offline: "أنت غير متصل بالشبكة.",
  stopped: "توقفت هذه الصفحة عن السؤال من تلقاء نفسها.",
};
