import type { Messages } from "../messages.ts";

/** Confidence: high. Read twice; not yet read by a native speaker. */
export const es: Messages = {
  language: "es",
  direction: "ltr",
  title: "Volvemos enseguida",
  explanation:
    "Estamos actualizando este sitio y, por un momento, esta página no se puede mostrar. No se debe a nada que usted haya hecho.",
  unsaved:
    "Es posible que lo que envió no se haya guardado. Vuelva a la página anterior y compruébelo antes de enviarlo de nuevo.",
  comeBack: (when) => `Vuelva a intentarlo ${when}.`,
  tryAgain: "Volver a intentarlo",
  goBack: "Volver atrás",
  waiting: "Puede dejar esta página abierta: se cargará sola cuando el sitio vuelva a estar disponible.",
  ready: "El sitio vuelve a estar disponible. Un momento…",
  offline: "No tiene conexión. Esta página continuará cuando vuelva a conectarse.",
  stopped: "Esta página ha dejado de comprobarlo por sí sola. Vuelva a intentarlo dentro de un rato.",
  contact: "Contacto",
  statusPage: "Estado del servicio",
};
