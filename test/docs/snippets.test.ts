import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { documents, nameOf, readBlocks, root, type Block } from "./blocks.ts";
import { askConsole } from "./console.ts";
import { askThrough } from "./proxy.ts";
import { createWorkplace, linkPackages, type Environment, type Workplace } from "./workplace.ts";

/*
 * Checks every block of the documents in the way that the comment before it names. docs/development/tests.md
 * lists the ways.
 */

const blocks = documents.flatMap(readBlocks);

test.each(blocks.map((block) => [nameOf(block), block] as const))(
  "%s names a way to check it",
  (_, { check }) => {
    expect(check).toMatch(
      /^(types|serves .+|proxies|opens a console|prints .+|runs( .+)?|output|commands|scripts|file \S+|part of \S+|(?:played|compared) by \S+|built \S+|recipe \S+|not run, .+)$/,
    );
  },
);

test("what is not run is little", () => {
  expect(blocks.filter(({ check }) => check?.startsWith("not run")).length).toBeLessThan(blocks.length / 5);
});

test("what another test plays is read by that test", () => {
  const played = blocks.filter(({ check }) => /^(?:played|compared) by /.test(check ?? ""));
  expect(played.length).toBeGreaterThan(0);
  for (const { document, check = "" } of played)
    expect(readFileSync(join(root, check.replace(/^\w+ by /, "")), "utf8")).toContain(document);
});

// A part of a file is checked with that file.
const programs = blocks.filter(
  ({ language, check }) => (language === "js" || language === "ts") && check?.startsWith("part of ") !== true,
);

describe("code", () => {
  // Everything is compiled at once, with the types of every framework.
  test("has the right types", { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "intermission-docs-types-"));
    try {
      linkPackages(folder);
      // Their own are stricter than a document's JavaScript.
      writeFileSync(
        join(folder, "untyped.d.ts"),
        `declare module "express";\ndeclare module "compression";\ndeclare module "morgan";\n`,
      );
      const support = join(root, "test/support");
      const declarations = readdirSync(support).filter((name) => name.endsWith(".d.ts"));
      const files = new Map(
        programs.map((block, index) => [join(folder, `block-${String(index)}.mts`), block]),
      );
      for (const [file, { text }] of files) writeFileSync(file, text);
      const program = ts.createProgram(
        [...files.keys(), join(folder, "untyped.d.ts"), ...declarations.map((name) => join(support, name))],
        {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.NodeNext,
          strict: true,
          noImplicitAny: false,
          skipLibCheck: true,
          noEmit: true,
          experimentalDecorators: true,
          types: ["node"],
          typeRoots: [join(root, "node_modules/@types")],
        },
      );
      const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
        const block = file && files.get(file.fileName);
        const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : 0;
        const place =
          block === undefined ? file?.fileName : `${block.document}:${String(block.line + 1 + line)}`;
        return `${place ?? ""} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      });
      expect(complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** A document's blocks share its folder. */
const inTurn = { concurrent: false };

const elsewhere = /^(types|(?:played|compared) by \S+|file \S+|built \S+|recipe \S+|not run, .+)$/;
const running = blocks.filter(({ check = "" }) => !elsewhere.test(check));

// Mostly it waits for a document's programs, so several documents run at once.
describe.concurrent.each([...new Set(running.map(({ document }) => document))])("%s", (document) => {
  const own = blocks.filter((block) => block.document === document);
  let workplace: Workplace;
  beforeAll(() => {
    workplace = createWorkplace();
    for (const { check, text } of own) {
      const file = /^file (\S+)$/.exec(check ?? "")?.[1];
      if (file !== undefined) writeFileSync(join(workplace.folder, file), text);
    }
  });
  afterAll(() => {
    workplace.remove();
  });

  const checked = (way: RegExp): readonly (readonly [string, Block])[] =>
    own.filter(({ check }) => check !== undefined && way.test(check)).map((block) => [nameOf(block), block]);

  test.for(checked(/^serves /))("%s", inTurn, async ([, block]) => {
    const answers = listed(block, /^serves (.+)$/, " ");
    const server = await workplace.serve(workplace.place(block, `serves-${String(block.line)}`));
    const ask = async (path: string): Promise<object> => {
      // Apollo Server takes a GET without it for a cross-site request.
      const headers = { "apollo-require-preflight": "true" };
      const response = await fetch(`${server.address}${path}`, { headers });
      await response.text();
      return { path, status: response.status, isPage: response.headers.has("retry-after") };
    };
    try {
      for (const [path, status] of answers) {
        const expected = { path, status: Number(status), isPage: status === "503" };
        // On a busy machine a new server may take a while to read its store.
        await vi.waitFor(async () => expect(await ask(path)).toEqual(expected), {
          timeout: 5000,
          interval: 100,
        });
      }
    } finally {
      await server.stop();
    }
  });

  test.for(checked(/^proxies$/))("%s", inTurn, async ([, { text }]) => {
    expect(await askThrough(text, workplace.folder)).toEqual({ body: "the app" });
  });

  test.for(checked(/^opens a console$/))("%s", inTurn, async ([, { text }]) => {
    expect(await askConsole(text, workplace.folder)).toEqual({ status: 401 });
  });

  test.for(checked(/^prints /))("%s", inTurn, async ([, block]) => {
    const printed = await workplace.node(workplace.place(block, `prints-${String(block.line)}`));
    expect(printed.trim()).toBe(block.check?.replace("prints ", ""));
  });

  test.for(checked(/^runs/))("%s", inTurn, async ([, block]) => {
    await run(block);
  });

  test.for(checked(/^output$/))("%s", inTurn, async ([, block]) => {
    if (block.before?.check?.startsWith("runs") !== true)
      throw new Error("There is no block before it that runs.");
    const output = await run(block.before);
    if (block.language === "json") expect(JSON.parse(output)).toEqual(JSON.parse(block.text));
    else expect(output).toBe(block.text);
  });

  test.for(checked(/^commands$/))("%s", inTurn, async ([, { text }]) => {
    const commands = [...text.matchAll(/(?:npx )?intermission [a-z-]+[^\n&|$'")]*/g)].map(
      ([command]) => command,
    );
    expect(commands).not.toEqual([]);
    const before = [
      "intermission create-release v1.0 --no-wait",
      "intermission create-release v1.1 --no-wait",
    ];
    await inNewStore([...before, ...commands].join("\n"), { MAINTENANCE_PAGE_RELEASE: "v1.2" });
  });

  test.for(checked(/^scripts$/))("%s", inTurn, ([, { text }]) => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly scripts: object;
    };
    for (const command of text.trim().split(/\n|&&/)) {
      const words = command.replace(/#.*/, "").trim().split(/\s+/);
      if (words[0] === "make")
        expect(readFileSync(join(root, "Makefile"), "utf8")).toContain(`\n${words[1] ?? ""}:`);
      else if (words[1] === "run") expect(Object.keys(scripts)).toContain(words[2]);
      else expect(["npm ci", "npm test"]).toContain(words.join(" "));
    }
  });

  test.for(checked(/^part of /))("%s", inTurn, ([, { check = "", text }]) => {
    expect(readFileSync(join(root, check.replace("part of ", "")), "utf8")).toContain(text);
  });

  function run({ check, text }: Block): Promise<string> {
    const [, settings = "", preparations = ""] =
      /^runs(?: with (.+?))?(?: after (.+))?$/.exec(check ?? "") ?? [];
    const environment = Object.fromEntries(split(settings, "=")) as Environment;
    const prepared = preparations === "" ? [] : preparations.split(", ");
    // The preparation's output is not the block's.
    const before = prepared.map((command) => `intermission ${command} --no-wait >/dev/null`);
    return inNewStore([...before, text].join("\n"), environment);
  }

  function inNewStore(script: string, environment: Environment): Promise<string> {
    const path = mkdtempSync(join(workplace.folder, "store-"));
    return workplace.shell(script, { MAINTENANCE_STORE: `sqlite:${join(path, "state.db")}`, ...environment });
  }
});

/** `/a 200, /b 503` as pairs. */
function listed({ check }: Block, way: RegExp, between: string): readonly (readonly [string, string])[] {
  return split(way.exec(check ?? "")?.[1] ?? "", between);
}

function split(text: string, between: string): readonly (readonly [string, string])[] {
  if (text === "") return [];
  return text.split(", ").map((pair) => {
    const at = pair.indexOf(between);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}
