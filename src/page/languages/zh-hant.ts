import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const zhHant: Messages = {
  language: "zh-Hant",
  direction: "ltr",
  title: "我們馬上回來",
  explanation: "我們正在更新網站，暫時無法顯示此頁面。這並不是您的操作造成的。",
  unsaved: "您送出的內容可能尚未儲存。請返回上一頁，先確認是否已儲存，再決定是否重新送出。",
  comeBack: (when) => `請於 ${when}再試一次。`,
  tryAgain: "再試一次",
  goBack: "返回",
  waiting: "您可以讓此頁面保持開啟，網站恢復後會自動重新載入。",
  ready: "網站已恢復，請稍候……",
  offline: "您已離線。重新連線後，此頁面將會繼續運作。",
  stopped: "此頁面已停止自動檢查，請稍後再試。",
  contact: "聯絡我們",
  statusPage: "服務狀態",
};
