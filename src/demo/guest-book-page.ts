import type { Entry } from "./guest-book.ts";

const style = `
:root { color-scheme: light dark; --paper: #f7f8f4; --card: #fff; --ink: #22302a; --quiet: #5b6a62; --line: #dfe5dd; --accent: #2f6b4f; }
@media (prefers-color-scheme: dark) { :root { --paper: #141a17; --card: #1d2521; --ink: #e8efe9; --quiet: #a3b1a8; --line: #303b35; --accent: #7fc6a0; } }
* { box-sizing: border-box; margin: 0; }
body { font: 1rem/1.55 system-ui, sans-serif; background: var(--paper); color: var(--ink); padding: 2rem 1.25rem; }
main { max-width: 40rem; margin: auto; }
h1 { font: 600 1.9rem/1.2 Georgia, "Noto Serif", serif; }
nav { margin: .4rem 0 1.5rem; }
nav a { color: var(--accent); margin-right: 1rem; }
ul { list-style: none; padding: 0; display: grid; gap: .75rem; }
li, form { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: .9rem 1.1rem; overflow-wrap: anywhere; }
li span { display: block; color: var(--quiet); font-size: .875rem; }
form { display: flex; flex-wrap: wrap; gap: .6rem; margin-bottom: 1.25rem; }
input, button { font: inherit; padding: .45rem .8rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--paper); color: inherit; min-width: 0; }
input[name=message] { flex: 1 1 12rem; }
input[name=name] { flex: 0 1 9rem; }
button { background: var(--accent); color: var(--card); border-color: transparent; font-weight: 600; cursor: pointer; }
p { margin-bottom: .75rem; }
`;

export function entriesPage(entries: readonly Entry[]): string {
  return page(
    "The guest book",
    `<form method="post" action="/sign">
        <input name="name" aria-label="Your name" placeholder="Your name" required maxlength="40" />
        <input
          name="message"
          aria-label="A line for the book"
          placeholder="A line for the book"
          required
          maxlength="200"
        />
        <button>Sign</button>
      </form>
      <ul>
        ${entries.map(toListItem).join("")}
      </ul>`,
  );
}

export function aboutPage(): string {
  return page(
    "About the tea room",
    `<p>Open from eight to six. The guest book lies by the window.</p>
      <p>This page reads nothing from the database.</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title}</title>
          <link rel="icon" href="data:," />
          <style>${style}</style>
        </head>
        <body>
          <main>
            <h1>${title}</h1>
            <nav>
              <a href="/">Guest book</a><a href="/about">About</a><a href="/broken">A page with a bug</a>
            </nav>
            ${body}
          </main>
        </body>
      </html>
`;
}

function toListItem({ name, message }: Entry): string {
  return `<li>${escapeHtml(message)}<span>${escapeHtml(name)}</span></li>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
