import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const zhHans: Messages = {
  language: "zh-Hans",
  direction: "ltr",
  title: "我们马上回来",
  explanation: "我们正在更新网站，此页面暂时无法显示。这并非您的操作所致。",
  unsaved: "您提交的内容可能尚未保存。请返回上一页，先确认是否已保存，再决定是否重新提交。",
  comeBack: (when) => `请在${when}重试。`,
  tryAgain: "重试",
  goBack: "返回",
  waiting: "您可以让此页面保持打开，网站恢复后会自动重新加载。",
  ready: "网站已恢复，请稍候……",
  offline: "您已离线。重新联网后，此页面将继续运行。",
  stopped: "此页面已停止自动检查，请稍后再试。",
  contact: "联系我们",
  statusPage: "服务状态",
};
