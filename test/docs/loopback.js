/*
 * Loaded before a snippet that serves: makes it listen on a free port of the loopback instead of its own, and
 * tells the test which.
 */
import { Server } from "node:net";

const listen = Server.prototype.listen;

Server.prototype.listen = function listenOnLoopback(...parameters) {
  this.once("listening", () => process.send?.(this.address().port));
  const callback = parameters.find((parameter) => typeof parameter === "function");
  return listen.call(this, { port: 0, host: "127.0.0.1" }, callback);
};
