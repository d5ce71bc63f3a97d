import { languages, type Language, themeNames } from "../../core/settings/page-options.ts";
import { markup, toText, type Markup } from "../../page/template.ts";
import { toSourceHash } from "../../page/source-hash.ts";
import { formats, namesOf, situations, widths, type Choice } from "./choice.ts";

const style = markup`
:root { color-scheme: light dark; font: 1rem/1.4 system-ui, sans-serif; }
* { box-sizing: border-box; margin: 0; }
body, main { display: flex; flex-direction: column; }
body { min-height: 100vh; background: Canvas; color: CanvasText; }
main { flex: 1; }
header { padding: .75rem 1rem; border-bottom: 1px solid GrayText; }
h1 { font-size: 1rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; }
label { display: grid; font-size: .8125rem; }
select { font: inherit; max-width: 16rem; padding: .25rem; }
a { color: LinkText; padding: .25rem 0; }
[role=alert] { padding: .75rem 1rem; background: #7a1420; color: #fff; overflow-wrap: anywhere; }
iframe { flex: 1; width: 100%; min-height: 30rem; border: 0; background: Canvas; }
.tablet { width: 820px; max-width: 100%; }
.phone { width: 390px; max-width: 100%; flex: none; height: 844px; }
.tablet, .phone { align-self: center; border: 1px solid GrayText; border-top: 0; }
`;

const script = markup`
(() => {
  const form = document.querySelector("form");
  form.addEventListener("change", () => form.submit());
  const { version } = document.body.dataset;
  new EventSource("/events").onmessage = ({ data }) => {
    if (data !== version) location.reload();
  };
})();
`;

export const galleryPolicy = [
  "default-src 'none'",
  `script-src '${toSourceHash(toText(script))}'`,
  `style-src '${toSourceHash(toText(style))}'`,
  "frame-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * A page with the choices, and the chosen page in a frame.
 *
 * @param version What {@link script} compares with later updates.
 */
export function toGallery(
  choice: Choice,
  { version, problems }: { readonly version: string; readonly problems: readonly string[] },
): string {
  const address = `/page?${new URLSearchParams({ ...choice }).toString()}`;
  return toText(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The page: preview</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body data-version="${version}">
<header>
<form>
<h1>The page</h1>
${toSelect("Theme", "theme", toOptions(themeNames), choice.theme)}
${toSelect("Language", "language", languages.map(toLanguageOption), choice.language)}
${toSelect("Format", "format", toTitled(formats), choice.format)}
${toSelect("Situation", "situation", toTitled(situations), choice.situation)}
${toSelect("Width", "width", Object.entries(widths), choice.width)}
<noscript><button>Show</button></noscript>
<a href="${address}">Open it alone</a>
</form>
</header>
<main>
${problems.map((problem) => markup`<p role="alert">${problem}</p>`)}
<iframe title="The page" class="${choice.width}" src="${address}"></iframe>
</main>
<script>${script}</script>
</body>
</html>
`);
}

type Option = readonly [value: string, title: string];

function toOptions(names: readonly string[]): readonly Option[] {
  return names.map((name) => [name, name]);
}

function toTitled(of: Readonly<Record<string, { readonly title: string }>>): readonly Option[] {
  return namesOf(of).map((name) => [name, of[name]?.title ?? name]);
}

function toLanguageOption(tag: Language): Option {
  return [tag, `${tag}  ${new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? ""}`];
}

function toSelect(label: string, name: string, options: readonly Option[], chosen: string): Markup {
  const made = options.map(([value, title]) =>
    value === chosen
      ? markup`<option value="${value}" selected>${title}</option>`
      : markup`<option value="${value}">${title}</option>`,
  );
  return markup`<label>${label} <select name="${name}">${made}</select></label>`;
}
