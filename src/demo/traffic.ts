export interface Traffic {
  start(): void;
  stop(): void;
}

/** Milliseconds between two requests. */
const pace = 250;
const maximumUnderWay = 8;

/** What visitors do, over and over. One page needs no database: its answers are never touched. */
const visits = ["/", "/about", "/", "/", "sign", "/", "/about", "/"] as const;

const lines = [
  { name: "Alan", message: "Can a tea room think? This one does." },
  { name: "Barbara", message: "Everything where you would expect it." },
  { name: "Radia", message: "Came by a longer way. It was the right one." },
  { name: "Dennis", message: "Short menu. Nothing missing." },
];

/** Sends the site about four requests a second until stopped. */
export function createTraffic(siteAddress: string): Traffic {
  let timer: NodeJS.Timeout | undefined;
  let stopping = new AbortController();
  let underWay = 0;
  let turn = 0;

  async function visit(): Promise<void> {
    if (underWay >= maximumUnderWay) return;
    underWay++;
    const path = visits[turn % visits.length] ?? "/";
    const line = lines[Math.floor(turn / visits.length) % lines.length];
    turn++;
    try {
      const answer = await fetch(new URL(path, siteAddress), {
        redirect: "manual",
        headers: { accept: "text/html" },
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(5000)]),
        ...(path === "sign" ? { method: "POST", body: new URLSearchParams(line) } : {}),
      });
      await answer.arrayBuffer();
    } catch {
      // A visitor without an answer leaves. The switch lists what the site answered.
    } finally {
      underWay--;
    }
  }

  return {
    start() {
      stopping = new AbortController();
      timer ??= setInterval(() => void visit(), pace);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      stopping.abort();
    },
  };
}
