import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const hi: Messages = {
  language: "hi",
  direction: "ltr",
  title: "हम जल्द ही लौटेंगे",
  explanation:
    "हम इस साइट को अपडेट कर रहे हैं, इसलिए यह पेज कुछ देर के लिए नहीं दिखाया जा सकता। यह आपके किसी काम की वजह से नहीं हुआ है।",
  unsaved: "हो सकता है कि आपने जो भेजा, वह सेव न हुआ हो। पिछले पेज पर वापस जाएँ और दोबारा भेजने से पहले जाँच लें।",
  // Intl says "in", which can be read as "within"; "after" fits the same phrase.
  comeBack: (when) => `कृपया ${when.replace(/में$/, "बाद")} फिर से कोशिश करें।`,
  tryAgain: "फिर से कोशिश करें",
  goBack: "वापस जाएँ",
  waiting: "आप इस पेज को खुला छोड़ सकते हैं: साइट के चालू होते ही यह अपने आप लोड हो जाएगा।",
  ready: "साइट फिर से चालू है। एक पल…",
  offline: "आप ऑफ़लाइन हैं। इंटरनेट से दोबारा जुड़ते ही यह पेज फिर काम करने लगेगा।",
  stopped: "इस पेज ने अपने आप जाँचना बंद कर दिया है। कृपया थोड़ी देर बाद फिर से कोशिश करें।",
  contact: "हमसे संपर्क करें",
  statusPage: "सेवा की स्थिति",
};
