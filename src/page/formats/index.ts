import type { Format } from "../format.ts";
import { empty } from "./empty.ts";
import { html } from "./html/index.ts";
import { problem } from "./problem.ts";
import { text } from "./text.ts";

/** In the order of our own preference, for visitors who would take several. */
export const formats: readonly Format[] = [html, problem, text, empty];

/** For visitors who say nothing. */
export const defaultFormat = html;

/** For a visit by a script that says no more than that. */
export const scriptFormat = problem;
