import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const ja: Messages = {
  language: "ja",
  direction: "ltr",
  title: "まもなく再開します",
  explanation:
    "ただいまサイトを更新しているため、このページを一時的に表示できません。お客様の操作が原因ではありません。",
  unsaved:
    "送信された内容は保存されていない可能性があります。前のページに戻り、保存されているかご確認のうえ、必要に応じて再度送信してください。",
  comeBack: (when) => `${when}にもう一度お試しください。`,
  tryAgain: "もう一度試す",
  goBack: "前のページに戻る",
  waiting: "このページは開いたままで構いません。サイトが再開すると自動的に読み込み直されます。",
  ready: "サイトが再開しました。少々お待ちください…",
  offline: "オフラインです。接続が回復すると、このページは動作を再開します。",
  stopped: "自動での確認を停止しました。しばらくしてからもう一度お試しください。",
  contact: "お問い合わせ",
  statusPage: "稼働状況",
};
