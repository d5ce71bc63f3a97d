/** Draws the views that the demonstration pushes. All as text: nothing from outside becomes markup. */
export const panelScript = `
(() => {
  const find = (id) => document.getElementById(id);
  const buttons = [...document.querySelectorAll("[data-action]")];
  const pairs = { "manual-on": "manual-off", "stop-store": "start-store" };
  const reasons = {
    exempt: "this path is exempt",
    manual: "manual mode is on",
    "no-instance-release": "its release is unknown",
    "no-current-release": "no release is recorded",
    "store-unknown": "it never reached the store",
    "release-mismatch": "its release is not the current one",
    "deploy-open": "a deploy is open",
    "window-passed": "the window has passed",
    "release-match": "its release is the current one",
  };
  const standing = {
    starting: "Starting …",
    crashed: "It crashed, and starts again in a moment.",
    "given-up": "It crashed too often. Start over.",
  };
  const kinds = { success: "fine", page: "page", error: "raw error" };

  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...children);
    return element;
  };
  const drawn = new Map();
  const changed = (name, value) => {
    const text = JSON.stringify(value);
    if (drawn.get(name) === text) return false;
    drawn.set(name, text);
    return true;
  };
  const counts = (totals) =>
    Object.keys(kinds)
      .filter((kind) => totals[kind] > 0)
      .map((kind) => {
        const plural = totals[kind] === 1 || kind === "success" ? "" : "s";
        return make("span", "chip " + kind, totals[kind] + " " + kinds[kind] + plural);
      });

  function drawButtons({ story, busy, refusals }) {
    const steps = [...document.querySelectorAll(".step")];
    steps.forEach((button, index) => {
      const state = index < story.stepsDone ? "done" : index === story.stepsDone ? "next" : "later";
      button.dataset.state = state;
      button.querySelector(".number").textContent = state === "done" ? "✓" : index + 1;
      button.querySelector("em").textContent =
        button.dataset.action === busy ? "running" : state === "next" && busy === null ? "next" : "";
    });
    for (const button of buttons) {
      const { action } = button.dataset;
      const refusal = refusals[action];
      button.disabled = busy !== null || refusal !== null;
      button.toggleAttribute("data-busy", action === busy);
      button.title = busy !== null ? "Another action is still under way." : refusal || "";
      const note = button.querySelector("[data-note]");
      if (note)
        note.textContent =
          action === busy ? "Running …" : action === "roll-back" && refusal ? refusal : note.dataset.note;
    }
    for (const [on, off] of Object.entries(pairs)) {
      const isOn = refusals[off] === null;
      document.querySelector("[data-action=" + on + "]").hidden = isOn;
      document.querySelector("[data-action=" + off + "]").hidden = !isOn;
    }
  }

  function drawMachines(machines) {
    find("machines").replaceChildren(
      ...machines.map((machine) => {
        const { verdict } = machine;
        const inMaintenance = verdict && verdict.verdict === "maintenance";
        const expectation = standing[machine.status]
          || (verdict ? "An error here is " + (inMaintenance ? "masked: " : "shown: ") + reasons[verdict.reason] : "…");
        const item = make(
          "li",
          "",
          make("span", "name", machine.name),
          make("span", "release", machine.release + (machine.inRotation ? "" : " · no visitors yet")),
          make("span", "counts", ...counts(machine.totals)),
          make("span", "line", expectation),
        );
        item.dataset.status = machine.status;
        if (machine.log) {
          const log = make("span", "line", "Its log: " + machine.log);
          log.title = machine.log;
          item.append(log);
        }
        return item;
      }),
    );
  }
  const reasonOf = ({ kind, reason, machine }) =>
    kind === "success" ? "" : machine === null ? "no machine is up" : reason || "…";

  function drawAnswers(answers) {
    find("answers").replaceChildren(
      ...answers.map((answer) =>
        make(
          "tr",
          "",
          make("td", "", answer.machine ? answer.machine + " " + answer.release : "none"),
          make("td", "", answer.visitor ? make("i", "", "you ") : "", answer.method + " " + answer.path),
          make("td", "", make("span", "chip " + answer.kind, String(answer.status))),
          make("td", "", reasonOf(answer)),
        ),
      ),
    );
  }

  function drawSeen(answers) {
    const seen = answers.find((answer) => answer.visitor);
    if (!seen) return;
    find("address").textContent = location.host + seen.path;
    const words =
      seen.kind === "success"
        ? "The app’s own answer, untouched."
        : seen.kind === "page"
          ? "The app failed. The visitor got the page: " + (reasons[seen.reason] || "") + "."
          : "The regular error: " + (reasons[seen.reason] || "no machine answered") + ".";
    find("seen").replaceChildren(
      make("span", "chip " + seen.kind, String(seen.status)),
      make("span", "", words),
      make("small", "", seen.machine ? seen.machine + ", " + seen.release : ""),
    );
  }

  function drawTerminal(lines) {
    const terminal = find("terminal");
    terminal.replaceChildren(
      ...lines.map(({ kind, text }) => make("span", kind === "error" ? "failed" : kind, text)),
    );
    terminal.scrollTop = terminal.scrollHeight;
  }

  function draw(view) {
    find("current").textContent = (view.currentRelease || "none") + (view.story.storeStopped ? " (last known)" : "");
    if (changed("buttons", [view.story, view.busy, view.refusals])) drawButtons(view);
    if (changed("machines", view.machines)) drawMachines(view.machines);
    if (changed("answers", view.answers)) {
      drawAnswers(view.answers);
      drawSeen(view.answers);
    }
    if (changed("totals", view.totals)) find("totals").replaceChildren(...counts(view.totals));
    if (changed("terminal", view.terminal)) drawTerminal(view.terminal);
    find("failure").hidden = view.failure === null;
    find("failure").textContent = view.failure || "";
  }

  // A plain reload would send a signed line once more.
  const reload = () => {
    const { location } = document.querySelector("iframe").contentWindow;
    location.replace(location.pathname === "/sign" ? "/" : location.pathname);
  };
  find("reload").onclick = reload;
  for (const button of buttons) {
    button.onclick = async () => {
      await fetch("/-/actions/" + button.dataset.action, { method: "POST" }).catch(() => undefined);
      if (button.closest("section")) reload();
    };
  }

  const events = new EventSource("/-/events");
  events.onmessage = (event) => draw(JSON.parse(event.data));
  events.onerror = () => {
    find("failure").hidden = false;
    find("failure").textContent = "The demonstration does not answer. Was it stopped?";
  };
})();
`;
