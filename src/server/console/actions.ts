import { IntermissionError } from "../../core/errors.ts";
import { parseDuration } from "../../core/settings/values.ts";
import type { Moment, SwitchOn } from "../../core/state/manual.ts";
import type { Operations } from "../../core/operations.ts";
import { markup, type Markup } from "../../page/template.ts";
import type { Fields } from "./exchange.ts";
import { behindAfter, type Overview } from "./overview.ts";
import { counted } from "./frame.ts";

/** A change the console can make: what it asks, what it leads to, and how it is done. */
export interface Action {
  readonly title: string;
  readonly button: string;
  /** The form's inputs. */
  readonly inputs: (overview: Overview, fields: Fields) => Markup;
  /** What will happen, in words and numbers, once the form has all it needs. undefined: not known yet. */
  readonly consequence: (overview: Overview, fields: Fields) => Markup | undefined;
  /** Shows the page visitors will get. @default false */
  readonly previews?: boolean;
  /** @returns Anything that the board does not show: a secret, shown once. */
  readonly perform: (operations: Operations, fields: Fields) => Promise<Markup | undefined>;
}

const input = (label: string, name: string, fields: Fields, hint = ""): Markup =>
  markup`<label>${label} <input name="${name}" value="${fields.get(name) ?? ""}" placeholder="${hint}" autocomplete="off"></label>`;

const choice = (
  label: string,
  name: string,
  fields: Fields,
  options: readonly (readonly [value: string, title: string])[],
): Markup =>
  markup`<label>${label} <select name="${name}">${options.map(
    ([value, title]) =>
      markup`<option value="${value}"${value === fields.get(name) ? markup` selected` : undefined}>${title}</option>`,
  )}</select></label>`;

/** By the last part of their address. */
export const actions: Readonly<Record<string, Action>> = {
  "create-release": {
    title: "Record a release",
    button: "Record it",
    inputs: (_, fields) => input("Release", "release", fields, "v1.2"),
    consequence: (overview, fields) => masks(overview, fields.get("release")),
    async perform(operations, fields) {
      const { outcome, release } = await operations.createRelease(need(fields, "release"), { wait: false });
      if (outcome !== "known") return undefined;
      throw new IntermissionError("known-release", {
        problem: `${release} was current before, and another release is now`,
        remedy: "Nothing was changed. To make it current again, roll back to it.",
      });
    },
  },

  rollback: {
    title: "Roll back",
    button: "Roll back",
    inputs: ({ earlier }, fields) =>
      earlier.length === 0
        ? markup`<p>There is no earlier release.</p>`
        : choice(
            "To",
            "release",
            fields,
            earlier.map(({ id }) => [id, id]),
          ),
    consequence: (overview, fields) => masks(overview, fields.get("release")),
    async perform(operations, fields) {
      await operations.rollback(need(fields, "release"), { wait: false });
      return undefined;
    },
  },

  "end-deploy": {
    title: "End the open deploy",
    button: "End it",
    inputs: (_, fields) =>
      choice("It has", "outcome", fields, [
        ["succeeded", "succeeded"],
        ["failed", "failed: its release stays current"],
        ["restore", "failed: make the earlier release current again"],
      ]),
    consequence({ deploy }, fields) {
      if (deploy === undefined) return markup`<p>No deploy is open.</p>`;
      if (!fields.has("outcome")) return undefined;
      return markup`<p>The deploy of <code>${deploy.release}</code> ends. Whoever runs it is told that it is gone. From then on only errors of instances that run another release than the current one get the page.</p>`;
    },
    async perform(operations, fields) {
      const outcome = need(fields, "outcome");
      await operations.closeDeploy({
        outcome: outcome === "succeeded" ? "succeeded" : "failed",
        restore: outcome === "restore",
        note: "ended in the console",
        wait: false,
      });
      return undefined;
    },
  },

  on: {
    title: "Turn manual mode on",
    button: "Turn it on",
    previews: true,
    inputs: (_, fields) => markup`${choice("What gets the page", "mode", fields, [
      ["errors", "every server error"],
      ["closed", "every request: the site is closed"],
    ])}
${input("Message, in place of the page's own words", "message", fields, "Back at noon")}
${input("Back in", "back", fields, "30m, 2h")}
${input("Ends by itself after", "until", fields, "2h; left empty: when you turn it off")}
${input("Paths that stay open", "paths", fields, "/admin/** /status")}
${input("Clients for whom the site stays open", "addresses", fields, "203.0.113.0/24")}`,
    consequence(_, fields) {
      const mode = fields.get("mode");
      if (mode === undefined) return undefined;
      return mode === "closed"
        ? markup`<p>Every visitor gets the page in place of the site, within 12 seconds, on all instances. Health checks on well-known paths still reach the app. Links past the page that were made before stop working.</p>`
        : markup`<p>Every server error of every instance gets the page, whatever its release, within a second. Links past the page that were made before stop working.</p>`;
    },
    async perform(operations, fields) {
      const { bypass } = await operations.switchOn({ ...toSwitchOn(fields), wait: false });
      return markup`<p>This lets whoever has it past the page, for 12 hours at the most. It is shown once. Put it behind any address of the site:</p>
<p><code>?intermission-bypass=${bypass.token}</code></p>
<p>To withdraw it, turn manual mode off, or on again.</p>`;
    },
  },

  off: {
    title: "Turn manual mode off",
    button: "Turn it off",
    inputs: () => markup``,
    consequence: ({ manual }) =>
      manual === undefined
        ? markup`<p>It is off.</p>`
        : markup`<p>The releases decide again. Bypass links stop working.</p>`,
    async perform(operations) {
      await operations.switchOff({ wait: false });
      return undefined;
    },
  },
};

function masks(overview: Overview, release: string | undefined): Markup | undefined {
  if (release === undefined || release === "") return undefined;
  const { fleet, deploy } = overview;
  const behind = behindAfter(overview, release);
  const what =
    fleet === undefined || behind === undefined
      ? markup`<p>Server errors of instances that don't run <code>${release}</code> get the page. How many there are is not known.</p>`
      : markup`<p>Server errors of ${behind} of ${counted(fleet.total, "instance", "instances")} get the page, until they run <code>${release}</code>.</p>`;
  return deploy === undefined
    ? what
    : markup`${what}<p>A deploy of <code>${deploy.release}</code> is open: until it ends, errors of all instances get it.</p>`;
}

/** @throws IntermissionError `bad-option` */
export function toSwitchOn(fields: Fields): SwitchOn {
  return {
    mode: fields.get("mode") === "closed" ? "closed" : "errors",
    message: fields.get("message"),
    backAt: toMoment(fields, "back"),
    until: toMoment(fields, "until"),
    exemptPaths: toWords(fields.get("paths")),
    exemptAddresses: toWords(fields.get("addresses")),
  };
}

function toMoment(fields: Fields, name: string): Moment | undefined {
  const text = fields.get(name)?.trim() ?? "";
  if (text === "") return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return { fromNow: milliseconds };
  throw new IntermissionError("bad-option", {
    problem: `The field "${name}" can't be used`,
    expected: "a duration such as 30m or 2h",
    got: JSON.stringify(text.slice(0, 100)),
    remedy: "Nothing was changed.",
  });
}

function toWords(text = ""): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function need(fields: Fields, name: string): string {
  const value = fields.get(name)?.trim() ?? "";
  if (value !== "") return value;
  throw new IntermissionError("bad-option", {
    problem: `The field "${name}" is empty`,
    remedy: "Nothing was changed.",
  });
}
