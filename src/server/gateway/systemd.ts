import { execFile } from "node:child_process";

/*
 * What systemd hands over to a service: sockets that listen already, so that no visitor is refused while the service is
 * started anew (sd_listen_fds(3)), and an address at which to say how far it is (sd_notify(3)).
 */

type Environment = Readonly<Record<string, string | undefined>>;

const firstDescriptor = 3;

/** The descriptors of the sockets, in the order of the socket unit. */
export function handedOverSockets(environment: Environment, pid: number): readonly number[] {
  const { LISTEN_PID: meant, LISTEN_FDS: text } = environment;
  // They are another process's, which has passed its environment on.
  if (meant !== undefined && meant !== "" && Number(meant) !== pid) return [];
  const count = /^\d{1,3}$/.test(text ?? "") ? Number(text) : 0;
  return Array.from({ length: count }, (_, index) => firstDescriptor + index);
}

/**
 * Tells systemd of a state, such as `READY=1`. Node has no datagram sockets of that kind, so systemd's own program does
 * it; the unit needs `NotifyAccess=all`.
 *
 * @param failed Told why it could not be done.
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
