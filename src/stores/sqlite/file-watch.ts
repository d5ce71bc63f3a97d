import { requireModule } from "../../core/runtime.ts";

/** Milliseconds between two checks of the file. One costs a few microseconds. */
const lookEvery = 500;

/**
 * Calls back within about half a second when a file was changed, created, replaced or deleted, until the
 * returned function is called. Keeps no process alive.
 *
 * Polls instead of `fs.watch`: the file and its folder may not exist yet, and inotify misses what other hosts
 * and containers do on a shared volume.
 */
export function watchFile(path: string, changed: () => void): () => void {
  const { statSync, promises } = requireModule("node:fs");
  let seen = fingerprint(statSync(path, { bigint: true, throwIfNoEntry: false }));
  let stopped = false;
  let timer = setTimeout(look, lookEvery).unref();

  function look(): void {
    promises
      .stat(path, { bigint: true })
      .then(fingerprint, () => fingerprint(undefined))
      .then((now) => {
        if (stopped) return;
        if (now !== seen) {
          seen = now;
          changed();
        }
        timer = setTimeout(look, lookEvery).unref();
      })
      // A callback that throws must end neither the process nor the watching.
      .catch(() => {
        if (!stopped) timer = setTimeout(look, lookEvery).unref();
      });
  }

  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

interface FileStats {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

function fingerprint(stats: FileStats | undefined): string {
  return stats === undefined ? "" : `${String(stats.ino)} ${String(stats.size)} ${String(stats.mtimeNs)}`;
}
