import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { cliPath, temporaryFolder } from "./run-cli.ts";

/** A stand-in for systemd that runs one service, perhaps with its sockets, until the test ends. */
export interface Systemd {
  /** `ready N` for each READY=1, `ended CODE` for each end. */
  said(): string;
  until(words: string): Promise<void>;
  /**
   * Like `systemctl restart`: sends SIGTERM, and starts the command again when it has ended, with the same
   * sockets.
   */
  restart(): void;
  /** Runs the unit's ExecReload. */
  reload(): void;
}

export interface Units {
  /** The contents of the unit files. */
  readonly socket?: string;
  readonly service: string;
  /** What the service finds on its path, beside systemd-notify. @default what this process does, and ours */
  readonly path?: string;
}

/**
 * sd_listen_fds(3): listening sockets are descriptors from 3 on, LISTEN_FDS counts them, LISTEN_PID says
 * whose they are. sd_notify(3): datagrams to NOTIFY_SOCKET.
 */
const program = `
import os, re, shlex, signal, socket, subprocess, sys, threading

folder, socket_file, service_file = sys.argv[1:]
def values(path, key):
    return [line.split("=", 1)[1].strip() for line in open(path) if line.startswith(key + "=")]

listeners = []
for address in values(socket_file, "ListenStream"):
    host, port = address.rsplit(":", 1)
    listeners.append(socket.create_server((host, int(port)), backlog=4096))
notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notified.bind(os.path.join(folder, "notify"))
os.chmod(os.path.join(folder, "notify"), 0o777)
environment = dict(os.environ, NOTIFY_SOCKET=os.path.join(folder, "notify"))
environment.update(value.split("=", 1) for value in values(service_file, "Environment"))
for file in values(service_file, "EnvironmentFile"):
    lines = [line.strip() for line in open(file)]
    environment.update(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

def words(key):
    """$NAME alone is split at its spaces, and may be no word at all (systemd.service(5))."""
    for word in shlex.split(values(service_file, key)[0]):
        name = re.fullmatch(r"\\$(\\w+)", word)
        yield from environment.get(name[1], "").split() if name else [word]

command = list(words("ExecStart"))

def start():
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        # Above those that are about to be taken.
        copies = [os.dup2(each.fileno(), 100 + index) for index, each in enumerate(listeners)]
        for index, copy in enumerate(copies):
            os.dup2(copy, 3 + index)
            os.set_inheritable(3 + index, True)
        if copies:
            environment.update(LISTEN_FDS=str(len(copies)), LISTEN_PID=str(os.getpid()))
        os.closerange(3 + len(copies), 200)
        os.execvpe(command[0], command, environment)
    return pid

def listen():
    count = 0
    while True:
        for line in notified.recv(4096).decode().splitlines():
            if line == "READY=1":
                count += 1
                print("ready", count, flush=True)

threading.Thread(target=listen, daemon=True).start()
pid = start()
for line in sys.stdin:
    if line == "reload\\n":
        environment["MAINPID"] = str(pid)
        subprocess.run(list(words("ExecReload")), check=True)
        continue
    os.kill(pid, signal.SIGTERM)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    pid = start()
os.kill(pid, signal.SIGKILL)
`;

/** What systemd's own program does. */
const notify = `#!/usr/bin/python3
import os, socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), os.environ["NOTIFY_SOCKET"])
`;

export function startSystemd({ socket = "", service, path = process.env["PATH"] ?? "" }: Units): Systemd {
  const folder = temporaryFolder();
  // For a service that runs as another user.
  chmodSync(folder, 0o755);
  const programs = join(folder, "bin");
  mkdirSync(programs);
  writeFileSync(join(programs, "systemd-notify"), notify, { mode: 0o755 });
  const intermission = `#!/bin/sh\nexec ${process.execPath} ${cliPath} "$@"\n`;
  writeFileSync(join(programs, "intermission"), intermission, { mode: 0o755 });
  writeFileSync(join(folder, "unit.socket"), socket);
  writeFileSync(join(folder, "unit.service"), service.replace("/var/lib/intermission", folder));
  const words = ["-c", program, folder, join(folder, "unit.socket"), join(folder, "unit.service")];
  const child = spawn("/usr/bin/python3", words, {
    env: { PATH: `${programs}:${path}` },
    stdio: ["pipe", "pipe", "inherit"],
  });
  // When it ends, it stops the service too.
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  return {
    said: () => said,
    async until(wanted) {
      while (!said.includes(wanted)) await once(child.stdout, "data");
    },
    restart: () => child.stdin.write("restart\n"),
    reload: () => child.stdin.write("reload\n"),
  };
}
