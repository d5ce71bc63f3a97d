import type { Reason } from "./decide.ts";
import { isIntermissionError, reasonOf, show } from "./errors.ts";
import type { IntermissionOptions, MaskedError, Warning, WarningCode } from "./settings/options.ts";
import type { Clock, Logger } from "./ports.ts";
import { type InstanceRelease, doubtAbout } from "./release.ts";
import type { Settings } from "./settings/resolve.ts";

/** Said once per process, because nothing changes while it runs. The others repeat after a minute. */
const saidOnce: ReadonlySet<WarningCode> = new Set([
  "no-instance-release",
  "no-current-release",
  "report-failed",
]);
const sayAgainAfter = 60_000;

/**
 * Sends each warning to the logger and to `onWarning`, at most once a minute, or once per name if it is about
 * something named. Never throws.
 */
export function createWarner(
  { logger, onWarning }: { readonly logger: Logger; readonly onWarning: IntermissionOptions["onWarning"] },
  clock: Clock,
): (warning: Warning, about?: string) => void {
  const said = new Map<WarningCode, { readonly at: number; readonly about: string | undefined }>();
  return function warn(warning, about) {
    const now = clock.now();
    const last = said.get(warning.code);
    if (last !== undefined && last.about === about) {
      if (about !== undefined || saidOnce.has(warning.code) || now - last.at < sayAgainAfter) return;
    }
    said.set(warning.code, { at: now, about });
    try {
      logger.warn(`[intermission] ${warning.message}`);
    } catch {
      // A failing logger must not break the app's answer.
    }
    try {
      onWarning?.(warning);
    } catch {
      // Likewise, and nobody is left to tell.
    }
  };
}

/** The warning that a verdict's reason calls for, if any. */
export function verdictWarning(reason: Reason, settings: Settings, place?: string): Warning | undefined {
  switch (reason) {
    case "no-instance-release":
      return {
        code: reason,
        message:
          settings.releaseProblem !== undefined
            ? `${settings.releaseProblem}. So this instance's release is unknown, and its errors stay regular. Write the version that is deployed into that file, or set ${settings.releaseVariable}.`
            : `This instance's release is unknown, so its errors stay regular. Set ${settings.releaseVariable} to the version that is deployed.`,
      };
    case "no-current-release":
      return {
        code: reason,
        message: `No release is recorded for the app ${JSON.stringify(settings.app)}${place === undefined ? "" : ` in ${place}`}, so errors stay regular. Have the deploy run: intermission create-release`,
      };
    case "window-passed":
      return {
        code: reason,
        message:
          "The releases differ for longer than the maximum window, so errors are regular again. Finish the deploy or run: intermission rollback",
      };
    default:
      return undefined;
  }
}

/** For an instance whose release has differed from the current one for longer than `warnAfter`. */
export function longMismatchWarning(
  { maxWindow, observe }: Pick<Settings, "maxWindow" | "observe">,
  mismatch: {
    readonly release: string;
    readonly current: string;
    /** Milliseconds. */
    readonly age: number;
    /** Errors that this instance has hidden since. */
    readonly hidden: number;
  },
): Warning {
  const { release, current, age, hidden } = mismatch;
  const effect = observe
    ? `all that time its errors would be hidden, ${String(hidden)} so far`
    : maxWindow !== undefined && age >= maxWindow
      ? `${String(hidden)} of its errors were hidden until the maximum window had passed`
      : `all that time its errors are hidden, ${String(hidden)} so far`;
  return {
    code: "long-mismatch",
    message:
      `This instance has run ${show(release)} beside the current release, ${show(current)}, for ${String(Math.floor(age / 60_000))} minutes: ${effect}. ` +
      "Replace or restart it, or run: intermission rollback. If both are to run for longer, as with a canary, see MAINTENANCE_WARN_AFTER and MAINTENANCE_MAX_WINDOW",
  };
}

/** For a release that is set but looks wrong. */
export function doubtfulReleaseWarning({ id, source }: InstanceRelease): Warning | undefined {
  const doubt = doubtAbout(id);
  if (doubt === undefined) return undefined;
  const what =
    doubt === "placeholder"
      ? "looks like a placeholder that was never filled in, so it will never be the current release"
      : "is the same in every deploy, so an old instance looks like a new one and its errors stay regular";
  return {
    code: "doubtful-release",
    message: `This instance's release is ${show(id)} (${source}), which ${what}. Set it to the version, commit or image tag that is deployed.`,
  };
}

export function readWarning(error: unknown, wasReadBefore: boolean): Warning {
  const code =
    isIntermissionError(error) && error.code === "state-unreadable" ? error.code : "store-unreachable";
  const meanwhile = wasReadBefore
    ? "The state that was read last decides until it can be read again."
    : "Until it can be read, errors stay regular.";
  return { code, message: `${sentence(error)} ${meanwhile}`, error };
}

export function pushWarning(error: unknown, { refreshEvery }: Settings): Warning {
  const meanwhile =
    refreshEvery === 0
      ? "It is read when an error needs it."
      : `It is read every ${String(refreshEvery / 1000)} s all the same.`;
  return {
    code: "push-unavailable",
    message: `The store can't push changes for now: ${sentence(error)} ${meanwhile}`,
    error,
  };
}

export function noticeWarning(notice: string): Warning {
  return { code: "store-notice", message: notice };
}

export function reportWarning(error: unknown, next: "give up" | "retry"): Warning {
  const meanwhile =
    next === "give up"
      ? "It no longer reports itself; everything else works as before. To turn reports off for good, set MAINTENANCE_REPORT=false."
      : "It tries again every 15 s; everything else works as before.";
  return {
    code: "report-failed",
    message: `This instance can't report itself: ${sentence(error)} ${meanwhile}`,
    error,
  };
}

export function pageWarning(error: unknown): Warning {
  return {
    code: "page-failed",
    message: `The page could not be loaded, so visitors get a line of text: ${sentence(error)}`,
    error,
  };
}

export function languagesWarning(error: unknown): Warning {
  return {
    code: "page-failed",
    message: `The languages of the page could not be loaded, so all visitors get it in English: ${sentence(error)}`,
    error,
  };
}

export function templateWarning(error: unknown): Warning {
  return {
    code: "page-failed",
    message: `The template failed, so visitors get the built-in page: ${sentence(error)}`,
    error,
  };
}

export function reloadWarning(error: unknown): Warning {
  return {
    code: "page-failed",
    message: `The template could not be read again, so the one before stays: ${sentence(error)}`,
    error,
  };
}

export function accentWarning(accent: string, shown: string): Warning {
  return {
    code: "accent-corrected",
    message: `The accent ${accent} is too pale to read on a light page, so it is shown as ${shown}. Choose a darker one.`,
  };
}

export function callbackWarning(option: "skip" | "mask" | "onMasked", error: unknown): Warning {
  return {
    code: "callback-failed",
    message: `The option ${option} threw an error and was ignored: ${sentence(error)}`,
    error,
  };
}

export function observedWarning({ status, method, path, reason }: MaskedError): Warning {
  return {
    code: "observed",
    message: `Observed only: a ${String(status)} of ${method} ${path.slice(0, 200)} would have become the page (${reason}). Unset MAINTENANCE_OBSERVE to mask such errors.`,
  };
}

export function listenerWarning(error: unknown): Warning {
  return {
    code: "callback-failed",
    message: `A listener threw an error and was ignored: ${sentence(error)}`,
    error,
  };
}

function sentence(error: unknown): string {
  const reason = reasonOf(error);
  return /[.!?…]$/.test(reason) ? reason : `${reason}.`;
}
