export { storeHandler, storeListener } from "./store-handler/index.ts";
export type { NodeRequest, NodeResponse, StoreHandlerOptions } from "./store-handler/index.ts";
export { consoleListener } from "./console/listener.ts";
export type { ConsoleListener, ConsoleOptions } from "./console/listener.ts";
export type { ConsoleRequest, ConsoleResponse, ConsoleVisitor } from "./console/exchange.ts";
