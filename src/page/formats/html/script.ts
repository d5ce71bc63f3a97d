import { markup } from "../../template.ts";

/**
 * Lets the page reload by itself. It requests the headers of its own address, and reloads once the answer is
 * not the page any more.
 *
 * - It waits as long as `Retry-After` says, give or take three fifths. If a thousand pages were opened at one
 *   moment, never more than one and a half times the usual number ask at once; with a fifth it would be
 *   almost three times.
 * - It asks nothing while hidden or offline, and asks at once when that ends.
 * - A redirect counts as an answer: `manual` hides its target and shows it as status 0.
 * - 429 does not count: reloading would show the visitor an error.
 * - If HEAD works and GET does not, it would loop forever, so it stops after three reloads in a minute. If
 *   nothing can be stored (`sessionStorage` throws), it spends 20 seconds on each, which has the same effect.
 * - A page that answers anything but a GET asks nothing: a reload would submit the data again.
 *
 * A string and not a function, because a bundler may change a function and the policy allows exactly these
 * bytes.
 */
export const script = markup`
(() => {
  const words = document.body.dataset;
  const line = document.querySelector("[role=status]");
  if (words.method !== "GET") {
    const back = document.querySelector("button");
    back.onclick = () => history.back();
    back.hidden = history.length < 2;
    return;
  }
  let wait = Number(words.retryAfter), due, timer, busy;
  const say = (text) => {
    if (line.textContent !== text) line.textContent = text;
  };
  const plan = (seconds) => {
    const pause = 1e3 * Math.min(3600, Math.max(1, seconds * (0.4 + 1.2 * Math.random())));
    due = Date.now() + pause;
    clearTimeout(timer);
    timer = setTimeout(askNow, pause);
    busy = false;
    say(words.waiting);
  };
  const mayReload = () => {
    const now = Date.now();
    const recent = (sessionStorage.getItem("intermission") || "")
      .split(",")
      .filter((time) => time > now - 6e4 && time <= now);
    if (recent.length > 2) return false;
    sessionStorage.setItem("intermission", recent.concat(now).join());
    return true;
  };
  const reload = () => {
    try {
      if (!mayReload()) return say(words.stopped);
    } catch (error) {
      if (performance.now() < 2e4) return plan(20);
    }
    say(words.ready);
    location.reload();
  };
  const ask = () => {
    if (busy || document.hidden || Date.now() < due) return;
    if (navigator.onLine === false) return say(words.offline);
    busy = true;
    const abort = new AbortController();
    const limit = setTimeout(() => abort.abort(), 15e3);
    fetch(location.href, { method: "HEAD", cache: "no-store", redirect: "manual", signal: abort.signal })
      .then(({ status, headers }) => {
        if (status < 500 && status !== 429 && status !== Number(words.status)) return reload();
        const after = headers.get("retry-after");
        if (/^[0-9]+$/.test(after)) wait = Number(after);
        plan(wait);
      })
      .catch(() => plan(wait))
      .then(() => clearTimeout(limit));
  };
  const askNow = () => {
    due = 0;
    ask();
  };
  addEventListener("online", askNow);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    busy = false;
    askNow();
  });
  document.addEventListener("visibilitychange", ask);
  plan(wait);
})();
`;
