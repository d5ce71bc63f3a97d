import type { IntermissionOptions } from "../../core/settings/options.ts";
import { resolveSettings, type Settings } from "../../core/settings/resolve.ts";
import { defineCommand, jsonOption, type Call } from "../arguments/command.ts";
import { parsePort } from "../arguments/port.ts";
import { catchSignals } from "../deploy/signals.ts";
import { UsageError } from "../arguments/usage-error.ts";

const options = {
  theme: { value: "NAME", summary: "How the built-in page looks (else MAINTENANCE_THEME, default)" },
  brand: { value: "FILE", summary: "A brand's JSON file (else MAINTENANCE_BRAND)" },
  template: { value: "PATH", summary: "A page of your own (else MAINTENANCE_TEMPLATE)" },
  language: {
    value: "TAG",
    summary: "For visitors whose language the page does not have (else MAINTENANCE_LANGUAGE, en)",
  },
  port: { value: "PORT", summary: "With preview: where it listens (else any free port)" },
  force: { summary: "With export: write into a folder even if it has other files" },
  ...jsonOption,
} as const;

type PageCall = Call<typeof options>;

export const page = defineCommand({
  name: "page",
  summary: "Shows the page as visitors would get it (preview), or writes it as files (export)",
  details: [
    "page preview serves a gallery to this machine alone: every theme, language, format and situation. It reloads when the template or the brand changes, says what is wrong with them, and ends with Ctrl-C or SIGTERM.",
    "page export FOLDER writes the page in every language and format, for nginx, a CDN or a bucket, and prints the nginx configuration that chooses among them. The folder must be new, empty, or one that it wrote before.",
    "Neither needs a store. Both read the page's settings from the environment, as an app does.",
  ],
  example: "intermission page preview",
  positionals: ["preview|export", "folder"],
  options,
  async run(call) {
    const [action, folder] = call.positionals;
    const settings = readSettings(call);
    if (action === "preview") {
      if (folder !== undefined) throw new UsageError("page preview takes only options.");
      if (call.options.force) throw new UsageError("The option --force goes with page export.");
      await preview(call, settings);
    } else if (action === "export") {
      if (folder === undefined) throw new UsageError("page export needs a folder: page export pages.");
      if (call.options.port !== undefined) throw new UsageError("The option --port goes with page preview.");
      await writeFiles(call, settings, folder);
    } else {
      throw new UsageError("page needs one of preview and export: intermission page preview.");
    }
  },
});

function readSettings({ options: given, environment }: PageCall): Settings {
  const { theme, brand, template, language } = given;
  // The settings check whether such a theme and language exist.
  return resolveSettings({ theme, brand, template, language } as IntermissionOptions, environment);
}

async function preview({ options: given, output }: PageCall, settings: Settings): Promise<void> {
  const port = parsePort(given.port) ?? 0;
  const { startPreview } = await import("../../server/preview/index.ts");
  const signals = catchSignals();
  try {
    const running = await startPreview(settings, { port });
    output.answer({
      lines: [`The page is at ${running.url}/. Ctrl-C ends it.`],
      document: { url: `${running.url}/` },
    });
    await signals.caught;
    await running.close();
  } finally {
    signals.release();
  }
}

async function writeFiles(
  { options: { force }, output }: PageCall,
  settings: Settings,
  given: string,
): Promise<void> {
  const { exportPages } = await import("../page/export.ts");
  const warn = (message: string): void => {
    output.note(`Note: ${message}`);
  };
  const { folder, files, nginx } = await exportPages(settings, { folder: given, force, warn });
  output.answer({ lines: nginx.trimEnd().split("\n"), document: { folder, files, nginx } });
  output.note(`Wrote ${String(files.length)} pages and README.md to ${folder}.`);
}
