import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const ko: Messages = {
  language: "ko",
  direction: "ltr",
  title: "곧 돌아오겠습니다",
  explanation:
    "사이트를 업데이트하고 있어 지금은 이 페이지를 표시할 수 없습니다. 사용자의 잘못으로 생긴 문제가 아닙니다.",
  unsaved:
    "보내신 내용이 저장되지 않았을 수 있습니다. 이전 페이지로 돌아가 저장되었는지 확인하신 후 필요하면 다시 보내 주세요.",
  comeBack: (when) => `${when}에 다시 시도해 주세요.`,
  tryAgain: "다시 시도",
  goBack: "뒤로 가기",
  waiting: "이 페이지를 열어 두셔도 됩니다. 사이트가 복구되면 자동으로 다시 열립니다.",
  ready: "사이트가 복구되었습니다. 잠시만 기다려 주세요…",
  offline: "오프라인 상태입니다. 다시 연결되면 이 페이지가 계속됩니다.",
  stopped: "이 페이지가 자동 확인을 멈췄습니다. 잠시 후 다시 시도해 주세요.",
  contact: "문의하기",
  statusPage: "서비스 상태",
};
