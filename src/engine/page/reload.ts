import { findModule } from "../../core/built-in-module.ts";
import type { Clock } from "../../core/ports.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { loadTemplates, templateVersion, type Templates } from "./template.ts";

/** The templates of an intermission, read again when they may have changed. */
export interface TemplateSource {
  /** Never throws. */
  current(): Templates;
  /** Begins to listen for SIGHUP. */
  start(): void;
  stop(): void;
}

const lookAgainAfter = 1000;

/**
 * Reads the templates now. Later, they are read again on SIGHUP, and in development when a page is asked for and a file
 * has changed. Those that can't be used then leave the ones before in their place.
 *
 * @throws IntermissionError `bad-option` when they can't be used from the start.
 */
export function createTemplateSource(
  { template: setting, development }: Pick<Settings, "template" | "development">,
  clock: Clock,
  onFailure: (error: unknown) => void,
): TemplateSource {
  let templates = loadTemplates(setting);
  if (typeof setting !== "string") return { current: () => templates, start() {}, stop() {} };
  const path = setting;
  let version = development ? templateVersion(path) : "";
  let lookedAt = clock.now();
  let stopListening: (() => void) | undefined;

  function reload(): void {
    try {
      templates = loadTemplates(path);
    } catch (error) {
      onFailure(error);
    }
  }

  function look(): void {
    const now = clock.now();
    if (now - lookedAt < lookAgainAfter) return;
    lookedAt = now;
    const found = templateVersion(path);
    if (found === version) return;
    version = found;
    reload();
  }

  return {
    current() {
      if (development) look();
      return templates;
    },
    start() {
      stopListening ??= onHangup(reload);
    },
    stop() {
      stopListening?.();
      stopListening = undefined;
    },
  };
}

// One listener for all: Node warns of more than ten.
const reloads = new Set<() => void>();

function reloadAll(): void {
  for (const reload of reloads) reload();
}

/**
 * Calls back on SIGHUP. Not where the process has a terminal: there the signal says that the terminal is gone, and the
 * process is to end with it, which one that listens does not.
 */
export function onHangup(reload: () => void): () => void {
  const { process } = globalThis as { readonly process?: Partial<Pick<NodeJS.Process, "on" | "off">> };
  if (process?.on === undefined || findModule("node:tty")?.isatty(0) !== false) return () => undefined;
  if (reloads.size === 0) process.on("SIGHUP", reloadAll);
  reloads.add(reload);
  return () => {
    reloads.delete(reload);
    if (reloads.size === 0) process.off?.("SIGHUP", reloadAll);
  };
}
