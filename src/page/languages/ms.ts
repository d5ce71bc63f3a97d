import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const ms: Messages = {
  language: "ms",
  direction: "ltr",
  title: "Kami akan kembali sebentar lagi",
  explanation:
    "Kami sedang mengemas kini laman web ini, jadi halaman ini tidak dapat dipaparkan buat sementara waktu. Ini bukan disebabkan oleh apa-apa yang anda lakukan.",
  unsaved:
    "Apa yang anda hantar mungkin belum disimpan. Sila kembali ke halaman sebelumnya dan semak sebelum menghantarnya semula.",
  comeBack: (when) => `Sila cuba lagi ${when}.`,
  tryAgain: "Cuba lagi",
  goBack: "Kembali",
  waiting:
    "Anda boleh biarkan halaman ini terbuka: halaman ini akan dimuat semula sendiri apabila laman web kembali tersedia.",
  ready: "Laman web sudah tersedia semula. Sebentar…",
  offline: "Anda di luar talian. Halaman ini akan diteruskan apabila anda bersambung semula.",
  stopped: "Halaman ini telah berhenti menyemak sendiri. Sila cuba lagi sebentar lagi.",
  contact: "Hubungi kami",
  statusPage: "Status perkhidmatan",
};
