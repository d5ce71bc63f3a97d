import type { JudgedAnswer } from "../../src/demo/answers.ts";
import type { ActionOutcome, StageView } from "../../src/demo/stage.ts";
import type { Action } from "../../src/demo/story.ts";

/** Uses the panel's addresses like a browser. */
export interface PanelClient {
  view(): Promise<StageView>;
  act(action: Action): Promise<ActionOutcome & { readonly status: number }>;
  /** The first matching view from the stream that the panel itself uses. */
  viewWhere(fits: (view: StageView) => boolean): Promise<StageView>;
  /**
   * Visits a path of the site so many times, one after the other, as the switch saw them and the instances
   * judged them.
   */
  visit(path: string, times?: number): Promise<readonly JudgedAnswer[]>;
}

const patience = 15_000;

export function createPanelClient(siteAddress: string): PanelClient {
  const at = (path: string): URL => new URL(path, siteAddress);

  async function viewWhere(fits: (view: StageView) => boolean): Promise<StageView> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(patience)]);
    const answer = await fetch(at("/-/events"), { signal });
    let text = "";
    try {
      for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const events = (text + chunk).split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) {
          const view = JSON.parse(event.slice("data: ".length)) as StageView;
          if (fits(view)) return view;
        }
      }
    } finally {
      stop.abort();
    }
    throw new Error("The panel's stream ended.");
  }

  return {
    async view() {
      return (await (await fetch(at("/-/state"))).json()) as StageView;
    },
    async act(action) {
      const answer = await fetch(at(`/-/actions/${action}`), { method: "POST" });
      return { status: answer.status, ...((await answer.json()) as ActionOutcome) };
    },
    viewWhere,
    async visit(path, times = 6) {
      const seenBefore = seen(await this.view());
      for (let time = 0; time < times; time++) {
        const answer = await fetch(at(path), { headers: { accept: "text/html" } });
        await answer.arrayBuffer();
      }
      const isComplete = (view: StageView): boolean =>
        seen(view) === seenBefore + times &&
        view.answers.slice(0, times).every(({ status, reason }) => status < 500 || reason !== null);
      return (await viewWhere(isComplete)).answers.slice(0, times).toReversed();
    },
  };
}

function seen({ totals }: StageView): number {
  return totals.success + totals.page + totals.error;
}
