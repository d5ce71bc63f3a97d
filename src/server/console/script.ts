import { markup } from "../../page/template.ts";

/**
 * Puts each part that the server sends in its place, and shows how long ago times are. Without it, reload the
 * page. The server escapes what it sends.
 */
export const script = markup`
(() => {
  const { now } = document.body.dataset;
  const ahead = Number(now) - Date.now();
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const span = (seconds) => {
    const [size, unit] = units.find(([size]) => seconds >= 2 * size) || [1, "s"];
    return Math.max(0, Math.floor(seconds / size)) + " " + unit;
  };
  const tell = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const seconds = (Date.now() + ahead - Date.parse(time.dateTime)) / 1000;
      time.textContent = seconds < 0 ? "in " + span(-seconds) : span(seconds) + " ago";
    }
  };
  const put = (id, html) => {
    const place = document.getElementById(id);
    if (!place) {
      // The store could not be read when the page was made.
      location.reload();
      return;
    }
    const open = [...place.querySelectorAll("details[open]")].map((one) => one.dataset.key);
    const focused = place.contains(document.activeElement) && document.activeElement.dataset.key;
    const scrolled = new Map([...place.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, [one.scrollTop, one.scrollLeft]]));
    place.innerHTML = html;
    for (const one of place.querySelectorAll("details")) one.open = open.includes(one.dataset.key);
    for (const one of place.querySelectorAll("[data-key]")) [one.scrollTop, one.scrollLeft] = scrolled.get(one.dataset.key) || [0, 0];
    if (focused) for (const one of place.querySelectorAll("[data-key]")) if (one.dataset.key === focused) one.focus({ preventScroll: true });
  };
  tell();
  setInterval(tell, 1000);
  if (!document.body.dataset.live) return;
  const away = document.getElementById("away");
  const events = new EventSource("events");
  events.addEventListener("part", ({ data }) => {
    const { id, html } = JSON.parse(data);
    put(id, html);
    tell();
  });
  events.onopen = () => { away.hidden = true; };
  events.onerror = () => { away.hidden = false; };
})();
`;

/**
 * Removes the token from the address, so that no history keeps it, and signs in with it. A link on another
 * site comes without the session's cookie (`SameSite=Strict`); asked for by this page, it comes with it.
 */
export const signInScript = markup`
(() => {
  const token = location.hash.replace(/^#(token=)?/, "");
  if (!token) {
    const { referrer } = document;
    if (referrer && new URL(referrer).origin !== location.origin) location.replace(location.href);
    return;
  }
  history.replaceState(null, "", location.pathname);
  document.querySelector("input[name=token]").value = token;
  document.querySelector("form").submit();
})();
`;
