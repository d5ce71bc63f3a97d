import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const id: Messages = {
  language: "id",
  direction: "ltr",
  title: "Kami segera kembali",
  explanation:
    "Kami sedang memperbarui situs ini, jadi halaman ini tidak dapat ditampilkan untuk sementara. Ini bukan karena kesalahan Anda.",
  unsaved:
    "Data yang Anda kirim mungkin belum tersimpan. Kembalilah ke halaman sebelumnya dan periksa sebelum mengirimnya lagi.",
  comeBack: (when) => `Silakan coba lagi ${when}.`,
  tryAgain: "Coba lagi",
  goBack: "Kembali",
  waiting:
    "Anda dapat membiarkan halaman ini terbuka: halaman akan dimuat ulang sendiri saat situs kembali tersedia.",
  ready: "Situs sudah tersedia kembali. Tunggu sebentar…",
  offline: "Anda sedang offline. Halaman ini akan dilanjutkan saat Anda tersambung lagi.",
  stopped: "Halaman ini sudah berhenti memeriksa sendiri. Silakan coba lagi nanti.",
  contact: "Hubungi kami",
  statusPage: "Status layanan",
};
