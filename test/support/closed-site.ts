import type { Intermission, IntermissionOptions, Operations } from "../../src/index.ts";
import { settled } from "./deploy-window.ts";

type SwitchOnOptions = Partial<Parameters<Operations["switchOn"]>[0]>;

/** An instance of a closed site that runs the current release, and a token past the page. */
export async function closedSite(
  manual: SwitchOnOptions = {},
  options: IntermissionOptions = {},
): Promise<{ readonly intermission: Intermission; readonly token: string }> {
  const intermission = await settled(options);
  const { bypass } = await intermission.switchOn({ mode: "closed", wait: false, ...manual });
  return { intermission, token: bypass.token };
}

export const cookieOf = (token: string): string =>
  `a=b; intermission-bypass-default=junk; intermission-bypass-default=${token}`;
