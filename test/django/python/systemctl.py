"""A stand-in for systemctl and systemd: runs the units of $ROOT/etc/systemd/system, each in a session of its own."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time

root = os.environ["ROOT"]
folder = os.path.join(root, "units")
patience = 60


def unit(name):
    prefix, at, instance = name.partition("@")
    with open(os.path.join(root, "etc/systemd/system", prefix + at + ".service")) as file:
        lines = file.read().replace("%i", instance).splitlines()
    return lambda key: [line.split("=", 1)[1].strip() for line in lines if line.startswith(key + "=")]


def path(name, kind):
    return os.path.join(folder, name + "." + kind)


def running(name):
    """The process id. None: it has ended, or is a zombie that nobody has waited for."""
    try:
        with open(path(name, "pid")) as file:
            pid = int(file.read())
        with open("/proc/%d/stat" % pid) as file:
            return None if file.read().rsplit(")", 1)[1].split()[0] == "Z" else pid
    except (FileNotFoundError, ProcessLookupError):
        return None


def start(name):
    values = unit(name)
    environment = {"PATH": os.environ["PATH"], "ROOT": root}
    for file_name in values("EnvironmentFile"):
        with open(file_name) as file:
            environment.update(line.strip().split("=", 1) for line in file if "=" in line)
    for each in values("RuntimeDirectory"):
        os.makedirs(os.path.join(root, "run", each), exist_ok=True)
    notified = None
    if values("Type") == ["notify"]:
        environment["NOTIFY_SOCKET"] = path(name, "notify")
        if os.path.exists(path(name, "notify")):
            os.unlink(path(name, "notify"))
        notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notified.bind(path(name, "notify"))
        notified.settimeout(patience)
    with open(path(name, "log"), "ab") as log:
        process = subprocess.Popen(
            shlex.split(values("ExecStart")[0]),
            cwd=(values("WorkingDirectory") or ["/"])[0],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    with open(path(name, "pid"), "w") as file:
        file.write(str(process.pid))
    while notified is not None and b"READY=1" not in notified.recv(4096):
        pass


def stop(name):
    pid = running(name)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + patience
    while running(name) is not None:
        if time.monotonic() > until:
            sys.exit(name + " does not end")
        time.sleep(0.02)


os.makedirs(folder, exist_ok=True)
verb, *words = sys.argv[1:]
for name in [word for word in words if not word.startswith("--")]:
    if verb == "restart":
        stop(name)
        start(name)
    elif verb == "start" or (verb == "enable" and "--now" in words):
        if running(name) is None:
            start(name)
    elif verb == "stop":
        stop(name)
    elif verb == "reload":
        os.kill(running(name), signal.SIGHUP)
    elif verb != "enable":
        sys.exit("not known here: " + verb)
