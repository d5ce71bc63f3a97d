import { once } from "node:events";
import { connect } from "node:net";

/** Whether somebody listens at a port of this machine. */
export async function accepts(port) {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
