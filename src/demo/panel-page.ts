import { createHash } from "node:crypto";
import { consolePath, fleetPath } from "./consoles.ts";
import { panelScript } from "./panel-script.ts";
import { panelStyle } from "./panel-style.ts";
import { stepTitles, steps, type Action, type Step } from "./story.ts";

const stepNotes: Readonly<Record<Step, string>> = {
  "make-machine": "It runs the new release, and no visitor reaches it yet.",
  "create-release": "On the new machine. From now on, errors of the old release get the page.",
  migrate: "Renames a column that the old release reads: its pages now really fail.",
  replace: "Every machine runs the current release: an error is an error again.",
};

const lamp = `<svg viewBox="0 0 32 32" width="34" height="34" aria-hidden="true">
  <path fill="#33202c" d="M2 30V14C2 6 8 2 16 2s14 4 14 12v16z" />
  <circle cx="16" cy="14" r="9" fill="#ffc869" fill-opacity=".35" />
  <path fill="none" stroke="#fff3cf" stroke-width="1.5" stroke-linecap="round" d="M16 18v9m-3 1h6" />
  <circle cx="16" cy="14" r="4" fill="#fff3cf" />
  <path fill="#a83338" d="M2 30V14C2 6 8 2 16 2 9 9 8 20 7 30zM30 30V14C30 6 24 2 16 2c7 7 8 18 9 28z" />
</svg>`;

function stepButton(step: Step, index: number): string {
  return `<li>
    <button type="button" class="step" data-action="${step}">
      <b class="number">${String(index + 1)}</b>
      <span><strong>${stepTitles[step]}</strong><small>${stepNotes[step]}</small></span>
      <em></em>
    </button>
  </li> `;
}

function smallButton(action: Action, title: string, note: string): string {
  return `<button type="button" data-action="${action}">
    <strong>${title}</strong><small data-note="${note}">${note}</small>
  </button> `;
}

const consoleLinks = `<a class="plain" href="${consolePath}" target="_blank">The console</a>
        <a class="plain" href="${fleetPath}?play" target="_blank">A deploy of twelve instances</a>`;

export const toPanelPage = (hasConsoles: boolean): string => `<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>Intermission: play a deploy</title>
      <link rel="icon" href="data:," />
      <style>${panelStyle}</style>
    </head>
    <body>
      <header>
        <h1>${lamp}Intermission</h1>
        <p class="tagline">A friendly maintenance page, shown only when a deploy breaks something.</p>
        <p class="current">Current release <b id="current">…</b></p>
        <button type="button" class="plain" data-action="traffic-on">Start the traffic</button>
        <button type="button" class="plain" data-action="traffic-off">Stop the traffic</button>
        <button type="button" class="plain" data-action="start-over">Start over</button>
        ${hasConsoles ? consoleLinks : ""}
      </header>
      <main>
        <div class="left">
          <section class="deploy" aria-labelledby="deploy-title">
            <h2 id="deploy-title">Play the deploy</h2>
            <ol>
              ${steps.map(stepButton).join("")}
            </ol>
            <div class="extras">
              ${smallButton("roll-back", "Roll back", "The old release becomes current again.")}
              ${smallButton("manual-on", "Manual mode", "Every 5xx gets the page.")}
              ${smallButton("manual-off", "Manual mode off", "The releases decide again.")}
              ${smallButton("stop-store", "Stop the store", "Locks its file: no read or write gets through.")}
              ${smallButton("start-store", "Start the store", "Lifts the lock on its file.")}
            </div>
            <p id="failure" role="alert" hidden></p>
          </section>
          <section class="machines" aria-labelledby="machines-title">
            <h2 id="machines-title">Machines <small>each runs one instance</small></h2>
            <ul id="machines"></ul>
          </section>
        </div>
        <div class="right">
          <section class="visitor" aria-labelledby="visitor-title">
            <h2 id="visitor-title">What a visitor sees</h2>
            <div class="browser">
              <div class="bar">
                <button type="button" id="reload" title="Reload" aria-label="Reload">&#8635;</button>
                <span id="address">/</span>
                <a href="/" target="visitor">The book</a>
                <form method="post" action="/sign" target="visitor">
                  <input type="hidden" name="name" value="You" />
                  <input type="hidden" name="message" value="Signed from the panel." />
                  <button>Sign it</button>
                </form>
                <a href="/broken" target="visitor">A page with a bug</a>
              </div>
              <div class="view"><iframe name="visitor" title="What a visitor sees" src="/"></iframe></div>
              <p id="seen" role="status">…</p>
            </div>
          </section>
          <div class="logs">
            <section aria-labelledby="answers-title">
              <h2 id="answers-title">Last answers <span id="totals"></span></h2>
              <div class="scroll" tabindex="0" aria-labelledby="answers-title" role="region">
                <table>
                  <thead>
                    <tr>
                      <th>Machine</th>
                      <th>Request</th>
                      <th>Status</th>
                      <th>Reason</th>
                    </tr>
                  </thead>
                  <tbody id="answers"></tbody>
                </table>
              </div>
            </section>
            <section aria-labelledby="terminal-title">
              <h2 id="terminal-title">What the buttons ran</h2>
              <pre id="terminal" tabindex="0"></pre>
            </section>
          </div>
        </div>
      </main>
      <noscript><p>The panel needs JavaScript. The pages that visitors see do not.</p></noscript>
      <script>${panelScript}</script>
    </body>
  </html> `;

/** As strict as the page's own. */
export const panelPolicy = [
  "default-src 'none'",
  `script-src '${hashOf(panelScript)}'`,
  `style-src '${hashOf(panelStyle)}'`,
  "connect-src 'self'",
  "frame-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

function hashOf(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}
