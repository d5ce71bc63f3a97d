import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const tr: Messages = {
  language: "tr",
  direction: "ltr",
  title: "Birazdan döneceğiz",
  explanation:
    "Bu siteyi güncelliyoruz, bu yüzden bu sayfa kısa bir süre gösterilemiyor. Bunun sizin yaptığınız bir şeyle ilgisi yok.",
  unsaved:
    "Gönderdikleriniz kaydedilmemiş olabilir. Önceki sayfaya dönün ve yeniden göndermeden önce kontrol edin.",
  comeBack: (when) => `Lütfen ${when} tekrar deneyin.`,
  tryAgain: "Tekrar deneyin",
  goBack: "Geri dön",
  waiting: "Bu sayfayı açık bırakabilirsiniz: site yeniden çalıştığında kendiliğinden yüklenecek.",
  ready: "Site yeniden çalışıyor. Bir saniye…",
  offline: "Çevrimdışısınız. Bağlantınız geri geldiğinde bu sayfa devam edecek.",
  stopped: "Bu sayfa artık kendiliğinden kontrol etmiyor. Lütfen biraz sonra tekrar deneyin.",
  contact: "Bize ulaşın",
  statusPage: "Hizmet durumu",
};
