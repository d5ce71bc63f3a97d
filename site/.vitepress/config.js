import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "vitepress";
import { toPage, toPath } from "../content/addresses.ts";
import { findDocuments, inReadingOrder, root, titleOf } from "../content/reading-order.ts";
import { headOf, summaryOf, withPolicy } from "../content/head.ts";
import { likeOnGitHub } from "../content/markdown.ts";
import { renderAllShown } from "../content/shown-pages.ts";
import { toAnchor } from "../content/anchors.ts";

const here = join(root, "site");
const documents = findDocuments();
const base = process.env["SITE_BASE"] ?? "/";

const tagline = "A friendly maintenance page, shown only when a deploy breaks something.";

export default defineConfig({
  srcDir: root,
  outDir: process.env["SITE_OUT"] ?? join(here, "dist"),
  base,
  rewrites: (source) => toPage(source),
  // VitePress takes every Markdown file below srcDir; these are the ones that are not documents.
  srcExclude: ["{test,examples,scripts,.ci,.github,build,coverage}/**", "src/!(frameworks)/**", "site/*.md"],
  lang: "en",
  title: "Intermission",
  description: tagline,
  metaChunk: true,
  vite: {
    publicDir: join(here, "public"),
    cacheDir: join(here, "node_modules/.vite"),
    plugins: [findVueHere(), serveShownPages()],
  },
  markdown: {
    // The usual light one is too pale for axe on a tinted ground.
    theme: { light: "github-light-high-contrast", dark: "github-dark" },
    anchor: { slugify: toAnchor },
    config: likeOnGitHub,
    languageAlias: { mjs: "js", cjs: "js" },
  },
  transformPageData: (page) => ({
    description: page.frontmatter.description ?? summaryOf(page.filePath) ?? tagline,
  }),
  transformHead: ({ pageData }) => headOf(pageData, base),
  transformHtml: (html) => withPolicy(html),
  buildEnd({ outDir }) {
    for (const [path, html] of renderAllShown()) {
      mkdirSync(dirname(join(outDir, path)), { recursive: true });
      writeFileSync(join(outDir, path), html);
    }
  },
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Guide", link: "/start.html" },
      { text: "Your lines", link: "/your-lines.html" },
      { text: "Look at it", link: "/look.html" },
      { text: "Settings", link: "/settings.html" },
    ],
    sidebar: inReadingOrder(documents).map(({ title, about, documents }) => ({
      text: title,
      ...(about === undefined ? {} : { link: toLink(about), collapsed: true }),
      items: documents
        .filter((document) => document !== about)
        .map((document) => ({ text: titleOf(document), link: toLink(document) })),
    })),
    outline: { level: [2, 3] },
  },
});

function toLink(document) {
  return `/${toPath(toPage(document))}`;
}

/** Documents outside this folder become Vue components too, and only this folder has Vue. */
function findVueHere() {
  return {
    name: "find-vue-here",
    enforce: "pre",
    resolveId(source, importer, { ssr }) {
      if (!/^(?:vue|@vue\/[\w-]+)(?:\/|$)/.test(source)) return null;
      // What renders the pages has Vue beside it.
      if (ssr) return { id: source, external: true };
      if (importer?.endsWith(".md") !== true) return null;
      return this.resolve(source, join(here, "package.json"), { skipSelf: true });
    },
  };
}

/** While developing, as `buildEnd` writes them. */
function serveShownPages() {
  return {
    name: "serve-shown-pages",
    configureServer(server) {
      const pages = renderAllShown();
      server.middlewares.use((request, response, next) => {
        const html = pages.get(request.url?.replace(/^\/(.*?)(?:\?.*)?$/, "$1"));
        if (html === undefined) return next();
        response.setHeader("content-type", "text/html; charset=utf-8");
        response.end(html);
      });
    },
  };
}
