/*
 * What to create for one more of each kind: its files, list entries, and the test that says what is left to
 * do.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

export const kinds = {
  theme(name) {
    const constant = `${toCamel(name)}Theme`;
    return {
      files: {
        [`src/page/themes/${name}/index.ts`]: `import { markup } from "../../template.ts";
import type { Theme } from "../../theme.ts";

/** Say in a line what it looks like. */
export const ${constant}: Theme = {
  light: { paper: "#ffffff", ink: "#ffffff", quiet: "#ffffff", accent: "#ffffff" },
  dark: { paper: "#000000", ink: "#000000", quiet: "#000000", accent: "#000000" },
  style: markup\`
body { padding: 2rem; }
\`,
  body: ({ header, title, paragraphs, action, live, footer }) => markup\`\${header}<main>
<h1>\${title}</h1>
\${paragraphs.map((paragraph) => markup\`<p>\${paragraph}</p>\\n\`)}\${action}
\${live}
</main>\${footer}\`,
};
`,
      },
      entries: [
        {
          file: "src/core/settings/page-options.ts",
          after: "export const themeNames = [",
          before: "] as const;",
          text: `, ${quote(name)}`,
        },
        {
          file: "src/page/themes/index.ts",
          after: 'import { defaultTheme } from "./default/index.ts";\n',
          text: `import { ${constant} } from "./${name}/index.ts";\n`,
        },
        {
          file: "src/page/themes/index.ts",
          after: "  default: defaultTheme,\n",
          text: `  ${toKey(name)}: ${constant},\n`,
        },
      ],
      test: "src/page/themes/index.test.ts",
    };
  },

  language(tag) {
    const name = tag.toLowerCase();
    const constant = toCamel(name);
    const english = read("src/page/languages/en.ts");
    const direction = /^(?:Arab|Hebr)$/.test(new Intl.Locale(tag).maximize().script ?? "") ? "rtl" : "ltr";
    return {
      files: {
        [`src/page/languages/${name}.ts`]: english
          .replace(/\/\*\* Confidence: .*/, "/** Confidence: medium. Say who wrote it and who read it. */")
          .replace("export const en:", `export const ${constant}:`)
          .replace('language: "en"', `language: ${quote(tag)}`)
          .replace('direction: "ltr"', `direction: ${quote(direction)}`),
      },
      entries: [
        {
          file: "src/core/settings/page-options.ts",
          after: "export const languages = [\n",
          sorted: '  "([^"]+)",',
          text: `  ${quote(tag)},\n`,
        },
        {
          file: "src/page/languages/index.ts",
          after: 'import type { Messages } from "../messages.ts";\n',
          sorted: 'import .* from "./([^"]+).ts";',
          text: `import { ${constant} } from "./${name}.ts";\n`,
        },
        {
          file: "src/page/languages/index.ts",
          after: "Readonly<Record<Language, Messages>> = {\n",
          sorted: '  "?([\\w-]+)"?[:,].*',
          text: constant === tag ? `  ${tag},\n` : `  ${toKey(tag)}: ${constant},\n`,
        },
      ],
      test: "src/page/languages/index.test.ts",
    };
  },

  store(name) {
    const create = `${toCamel(name)}Store`;
    return {
      files: {
        [`src/stores/${name}/index.ts`]: `import type { Store } from "../../core/ports.ts";
import { storeClosed, storeFailed } from "../shared/failure.ts";

export interface ${toPascal(name)}StoreOptions {
  readonly url: string;
}

/** Say where the record is kept. */
export function ${create}({ url }: ${toPascal(name)}StoreOptions): Store {
  let closed = false;

  async function notYet(problem: string): Promise<never> {
    if (closed) throw storeClosed();
    throw storeFailed(problem, new Error("nobody has written this yet"), \`Write it: \${new URL(url).protocol}\`);
  }

  return {
    read: () => notYet("The record could not be read"),
    write: () => notYet("The record could not be written"),
    async close() {
      closed = true;
    },
  } satisfies Store;
}
`,
        [`src/stores/${name}/index.test.ts`]: `import { describe, test } from "vitest";
import { storeContract } from "../../testing/index.ts";
import { ${create} } from "./index.ts";

describe("the store contract", () => {
  for (const { name, run } of storeContract({
    createPlace: () => ({ open: () => ${create}({ url: "${name}://127.0.0.1" }) }),
    push: false,
    reports: false,
  })) {
    test(name, run);
  }
});
`,
      },
      entries: [
        {
          file: "src/stores/open.ts",
          after: "\nconst schemes: Readonly<Record<string, StoreScheme>> = {",
          before: "};",
          text: `  "${name}:": ${toCamel(name)},\n`,
        },
        {
          file: "src/stores/open.ts",
          after: "\n",
          before: "\nconst schemes:",
          text: `const ${toCamel(name)}: StoreScheme = {
  names: "server",
  load: async (url) => (await import("./${name}/index.ts")).${create}({ url }),
};
`,
        },
        {
          file: "test/docs/parts.ts",
          after: "\nexport const stores: Readonly<Record<string, StoreRow>> = {",
          before: "\n};",
          text: `
  ${toKey(name)}: {
    title: ${quote(toPascal(name))},
    schemes: ["${name}:"],
    url: "${name}://HOST:PORT/PATH",
    parameters: "none",
    needs: "nothing",
    push: polled,
    suits: "say for whom it is",
  },`,
        },
      ],
      test: `src/stores/${name}/index.test.ts`,
    };
  },

  framework(name) {
    const example = `import { createServer } from "node:http";
import { maintenancePage } from "intermission/${name}";

const page = maintenancePage();
createServer((request, response) => {
  page(request, response, () => {
    response.statusCode = request.url === "/" ? 200 : 500;
    response.end("Hello");
  });
}).listen(3000);
`;
    return {
      files: {
        [`src/frameworks/${name}/index.ts`]: `import { createMiddleware, type Middleware } from "../../http/node/gate.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/**
 * Say where it goes, and what it sees there.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
 */
export function maintenancePage(options?: AdapterOptions): Middleware {
  return createMiddleware(intermissionFrom(options));
}
`,
        [`src/frameworks/${name}/index.test.ts`]: `import { test } from "vitest";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";

const subject: FrameworkContractSubject = {
  // Serve the routes that FrameworkContractSubject lists, with the adapter where setup.options are given.
  start: (setup) =>
    Promise.reject(new Error(\`There is no app yet to use the adapter \${setup.options ? "in" : "beside"}.\`)),
  skip: () => false,
  address: "connection",
  knowsErrors: false,
  closes: false,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);
`,
        [`src/frameworks/${name}/example.ts`]: example,
        [`src/frameworks/${name}/README.md`]: `# ${toPascal(name)}

<!-- check: serves / 200, /orders 503 -->

\`\`\`ts
${example}\`\`\`
`,
        [`src/frameworks/${name}/matrix.js`]: `/** What each row installs, and the server to ask. */
export const rows = [];
`,
      },
      entries: [],
      test: `src/frameworks/${name}/index.test.ts`,
    };
  },

  verb(name) {
    const constant = toCamel(name);
    return {
      files: {
        [`src/cli/commands/${name}.ts`]: `import { defineCommand, jsonOption } from "../arguments/command.ts";

export const ${constant} = defineCommand({
  name: ${quote(name)},
  summary: "Does nothing yet",
  details: [],
  example: "intermission ${name}",
  positionals: [],
  options: { ...jsonOption },
  async run({ output }) {
    output.answer({ lines: [], document: {} });
  },
});
`,
        [`src/cli/commands/${name}.test.ts`]: `import { expect, test } from "vitest";
import { run } from "../run.ts";
import { createOutput, type Sink } from "../terminal/output.ts";

test("${name} says what it did", async () => {
  let said = "";
  const stdout: Sink = { isTTY: false, write: (text) => (said += text) };
  const output = createOutput({ stdout, stderr: stdout, json: false, environment: {} });
  expect(await run(["${name}"], { environment: {}, output })).toBe(0);
  expect(said).not.toBe("");
});
`,
      },
      entries: [
        {
          file: "src/cli/commands/index.ts",
          after: "const commands: Readonly<Record<string, () => Promise<Command>>> = {",
          before: "};",
          text: `  ${toKey(name)}: async () => (await import("./${name}.ts")).${constant},\n`,
        },
      ],
      test: `src/cli/commands/${name}.test.ts`,
    };
  },
};

export function read(file) {
  return readFileSync(join(root, file), "utf8");
}

export function quote(text) {
  return JSON.stringify(text);
}

function toCamel(name) {
  return name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}

function toPascal(name) {
  return toCamel(`-${name}`);
}

/** As an object key, quoted if necessary. */
function toKey(name) {
  return /^\w+$/.test(name) ? name : quote(name);
}
