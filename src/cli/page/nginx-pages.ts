import { languages, type Language } from "../../core/settings/page-options.ts";
import { pageStatus, type StatusCode } from "../../core/decide.ts";
import { createLookup, europeanPortuguese, standIns } from "../../page/lookup.ts";
import { pageFileTypes, type PageFile } from "../../page/page-file.ts";

/** What nginx needs to know about a folder of pages. */
export interface NginxPages {
  /** Absolute. */
  readonly folder: string;
  readonly pages: readonly PageFile[];
  /** For visitors whose language is not supported. */
  readonly language: Language;
  readonly statusCode: StatusCode;
}

/**
 * The nginx configuration that serves pages from files, in the visitor's language and format, when the app
 * gives no answer.
 */
export function toNginx({ folder, pages, language, statusCode }: NginxPages): string {
  const page = (extension: string): PageFile["headers"] =>
    pages.find((one) => one.language === language && one.extension === extension)?.headers ?? {};
  const headers = page("html");
  const sent: PageFile["headers"] = {
    ...headers,
    "content-language": "$maintenance_language",
    "content-security-policy": "$maintenance_policy",
  };
  return `# In http { … }
map $http_accept_language $maintenance_language {
    default ${language};
${toLanguageLines().join("\n")}
}
map $http_accept $maintenance_format {
    default html;
    ~*html html;
    ~*json json;
    ~*xml xml;
    ~*text/plain txt;
}
map $maintenance_format $maintenance_policy {
    default "${page("json")["content-security-policy"] ?? ""}";
    html "${headers["content-security-policy"] ?? ""}";
}

# In server { … }
error_page 502 503 504 ${statusCode === "original" ? "" : `=${String(statusCode)} `}/.maintenance;
location = /.maintenance {
    internal;
    root ${toPath(folder)};
    try_files /$maintenance_language.$maintenance_format =${String(pageStatus(statusCode, "deploy", undefined))};
    types { ${Object.entries(pageFileTypes)
      .map(([extension, type]) => `${type} ${extension};`)
      .join(" ")} }
    charset utf-8;
    etag off;
    if_modified_since off;
${Object.entries(sent)
  // The types set that.
  .filter(([name]) => name !== "content-type")
  .map(([name, value]) => `    add_header ${toHeaderName(name)} "${value}" always;`)
  .join("\n")}
}
`;
}

/** Regions that use another variant than their language's default. */
const regions = ["CN", "SG", "TW", "HK", "MO", "BR", "PT", "RS", "ME", "BA", ...europeanPortuguese];
const scripts = ["Hans", "Hant", "Cyrl", "Latn"];

/** The language that a browser names first, as patterns. The first match counts, so variants come first. */
function toLanguageLines(): readonly string[] {
  const lookUp = createLookup(languages);
  const find = (range: string): Language | undefined => lookUp([{ range, quality: 1 }]);
  const firsts = new Set([...languages.map(firstSubtag), ...standIns.keys()]);
  return [...firsts].sort().flatMap((first) => {
    const usual = find(first);
    if (usual === undefined) return [];
    const isOneVariant = standIns.get(first)?.includes("-") === true;
    const hasVariants = !isOneVariant && languages.some((tag) => tag.startsWith(`${firstSubtag(usual)}-`));
    const others = new Map<Language, string[]>();
    for (const subtag of hasVariants ? [...scripts, ...new Set(regions)] : []) {
      const found = find(`${first}-${subtag}`);
      if (found === undefined || found === usual) continue;
      others.set(found, [...(others.get(found) ?? []), subtag]);
    }
    return [
      ...[...others].map(([tag, subtags]) => `    ~*^${first}-(${subtags.join("|")})\\b ${tag};`),
      `    ~*^${first}\\b ${usual};`,
    ];
  });
}

function firstSubtag(tag: string): string {
  return tag.split("-", 1)[0] ?? tag;
}

function toPath(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}

function toHeaderName(name: string): string {
  return name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
