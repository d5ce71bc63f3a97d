import { relative } from "node:path";
import { toAddress } from "./addresses.ts";
import { root } from "./reading-order.ts";

/** The parts of markdown-it that are used here. */
interface Token {
  readonly type: string;
  content: string;
  children: Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

interface Rendering {
  readonly env: { readonly path?: string; readonly realPath?: string };
  tokens: Token[];
}

type Rule = (tokens: Token[], index: number, options: unknown, env: unknown, self: Renderer) => string;

interface Renderer {
  readonly rules: Record<string, Rule | undefined>;
  renderToken(tokens: Token[], index: number, options: unknown): string;
}

export interface Markdown {
  readonly core: {
    readonly ruler: { push(name: string, rule: (state: Rendering) => void): void };
  };
  readonly renderer: Renderer;
}

const comment = /<!--[\s\S]*?-->/g;

/** Documents are written for GitHub: what they say there, they say on the site. */
export function likeOnGitHub(markdown: Markdown): void {
  markdown.core.ruler.push("comments", (state) => {
    state.tokens = withoutComments(state.tokens);
  });
  markdown.core.ruler.push("addresses", ({ env, tokens }) => {
    const from = relative(root, env.realPath ?? env.path ?? root).replaceAll("\\", "/");
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type !== "link_open") continue;
      const address = toAddress(token.attrGet("href") ?? "", from);
      if (address !== undefined) token.attrSet("href", address);
    }
  });
  // A wide table scrolls by itself, also by keyboard.
  const { rules } = markdown.renderer;
  rules["table_open"] = (tokens, index, options, _env, self) =>
    `<div class="table" tabindex="0" role="group" aria-label="Table">${self.renderToken(tokens, index, options)}`;
  rules["table_close"] = (tokens, index, options, _env, self) =>
    `${self.renderToken(tokens, index, options)}</div>`;
}

/** They tell tests how a block is checked, and are nothing to read. */
function withoutComments(tokens: readonly Token[]): Token[] {
  return tokens.filter((token) => {
    if (token.children !== null) token.children = withoutComments(token.children);
    if (token.type !== "html_block" && token.type !== "html_inline") return true;
    token.content = token.content.replace(comment, "");
    return token.content.trim() !== "";
  });
}
