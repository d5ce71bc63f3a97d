import { execFile } from "node:child_process";

/*
 * What systemd passes to a service: listening sockets, so that no visitor is refused while the service
 * restarts (sd_listen_fds(3)), and an address for status messages (sd_notify(3)).
 */

type Environment = Readonly<Record<string, string | undefined>>;

const firstDescriptor = 3;

/** The sockets' descriptors, in the order of the socket unit. */
export function handedOverSockets(environment: Environment, pid: number): readonly number[] {
  const { LISTEN_PID: meant, LISTEN_FDS: text } = environment;
  // They are for another process, which passed its environment on.
  if (meant !== undefined && meant !== "" && Number(meant) !== pid) return [];
  const count = /^\d{1,3}$/.test(text ?? "") ? Number(text) : 0;
  return Array.from({ length: count }, (_, index) => firstDescriptor + index);
}

/**
 * Tells systemd of a state, such as `READY=1`. Node has no such datagram sockets, so systemd's own program
 * does it; the unit needs `NotifyAccess=all`.
 *
 * @param failed Gets the reason if it fails.
 */
export function notifySystemd(
  environment: Environment,
  state: string,
  failed: (reason: string) => void,
): void {
  const { NOTIFY_SOCKET: address } = environment;
  if (address === undefined || address === "") return;
  execFile("systemd-notify", [state], { timeout: 5000 }, (error) => {
    if (error !== null) failed(error.message.split("\n", 1)[0] ?? "");
  });
}
