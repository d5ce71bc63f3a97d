import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const ptPt: Messages = {
  language: "pt-PT",
  direction: "ltr",
  title: "Voltamos já",
  explanation:
    "Estamos a atualizar este site e, por um momento, não é possível mostrar esta página. Não se deve a nada que tenha feito.",
  unsaved:
    "O que enviou pode não ter sido guardado. Volte à página anterior e verifique antes de enviar novamente.",
  comeBack: (when) => `Tente novamente ${when}.`,
  tryAgain: "Tentar novamente",
  goBack: "Voltar",
  waiting:
    "Pode deixar esta página aberta: será recarregada automaticamente quando o site voltar a estar disponível.",
  ready: "O site está de volta. Um momento…",
  offline: "Está sem ligação à Internet. Esta página continua quando voltar a ter ligação.",
  stopped: "Esta página deixou de verificar automaticamente. Tente novamente daqui a pouco.",
  contact: "Contacte-nos",
  statusPage: "Estado do serviço",
};
