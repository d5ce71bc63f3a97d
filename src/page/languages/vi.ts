import type { Messages } from "../messages.ts";

/** Confidence: medium. Read twice; not yet read by a native speaker. */
export const vi: Messages = {
  language: "vi",
  direction: "ltr",
  title: "Chúng tôi sẽ trở lại ngay",
  explanation:
    "Chúng tôi đang cập nhật trang web nên tạm thời chưa thể hiển thị trang này. Đây không phải là lỗi của bạn.",
  unsaved: "Nội dung bạn gửi có thể chưa được lưu. Hãy quay lại trang trước và kiểm tra trước khi gửi lại.",
  comeBack: (when) => `Vui lòng thử lại ${when}.`,
  tryAgain: "Thử lại",
  goBack: "Quay lại",
  waiting: "Bạn có thể để trang này mở: trang sẽ tự tải lại khi trang web hoạt động trở lại.",
  ready: "Trang web đã hoạt động trở lại. Xin chờ một chút…",
  offline: "Bạn đang ngoại tuyến. Trang này sẽ tiếp tục khi có kết nối trở lại.",
  stopped: "Trang này đã ngừng tự kiểm tra. Vui lòng thử lại sau ít phút.",
  contact: "Liên hệ với chúng tôi",
  statusPage: "Trạng thái dịch vụ",
};
