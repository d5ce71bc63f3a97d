import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const ptBr: Messages = {
  language: "pt-BR",
  direction: "ltr",
  title: "Voltamos em instantes",
  explanation:
    "Estamos atualizando este site e, por um momento, esta página não pode ser exibida. Isso não foi causado por nada que você fez.",
  unsaved:
    "O que você enviou pode não ter sido salvo. Volte à página anterior e confira antes de enviar de novo.",
  comeBack: (when) => `Tente novamente ${when}.`,
  tryAgain: "Tentar novamente",
  goBack: "Voltar",
  waiting: "Você pode deixar esta página aberta: ela será recarregada automaticamente quando o site voltar.",
  ready: "O site voltou. Um momento…",
  offline: "Você está sem conexão. Esta página continua quando você se conectar de novo.",
  stopped: "Esta página parou de verificar sozinha. Tente novamente daqui a pouco.",
  contact: "Fale conosco",
  statusPage: "Status do serviço",
};
