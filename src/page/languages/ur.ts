import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const ur: Messages = {
  language: "ur",
  direction: "rtl",
  title: "ہم جلد واپس آ رہے ہیں",
  explanation:
    "ہم اس سائٹ کو اپ ڈیٹ کر رہے ہیں، اس لیے یہ صفحہ تھوڑی دیر کے لیے نہیں دکھایا جا سکتا۔ یہ آپ کے کسی عمل کی وجہ سے نہیں ہوا۔",
  unsaved:
    "ممکن ہے کہ آپ نے جو بھیجا وہ محفوظ نہ ہوا ہو۔ پچھلے صفحے پر واپس جائیں اور دوبارہ بھیجنے سے پہلے جانچ لیں۔",
  // Intl says "in", which can be read as "within"; "after" fits the same phrase.
  comeBack: (when) => `براہ کرم ${when.replace(/میں$/, "بعد")} دوبارہ کوشش کریں۔`,
  tryAgain: "دوبارہ کوشش کریں",
  goBack: "واپس جائیں",
  waiting: "آپ یہ صفحہ کھلا چھوڑ سکتے ہیں: سائٹ بحال ہوتے ہی یہ خود بخود لوڈ ہو جائے گا۔",
  ready: "سائٹ بحال ہو گئی ہے۔ ایک لمحہ…",
  offline: "آپ آف لائن ہیں۔ کنکشن بحال ہونے پر یہ صفحہ اپنا کام جاری رکھے گا۔",
  stopped: "اس صفحے نے خود بخود جانچنا بند کر دیا ہے۔ براہ کرم کچھ دیر بعد دوبارہ کوشش کریں۔",
  contact: "ہم سے رابطہ کریں",
  statusPage: "سروس کی صورتِ حال",
};
