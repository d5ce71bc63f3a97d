import type { Command } from "../arguments/command.ts";

/** Each verb is loaded on demand, so that no verb pays for another. In the order of the help. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  "create-release": async () => (await import("./create-release.ts")).createRelease,
  rollback: async () => (await import("./rollback.ts")).rollback,
  deploy: async () => (await import("./deploy.ts")).deploy,
  releases: async () => (await import("./releases.ts")).releases,
  status: async () => (await import("./status.ts")).status,
  doctor: async () => (await import("./doctor.ts")).doctor,
  rehearse: async () => (await import("./rehearse.ts")).rehearse,
  instances: async () => (await import("./instances.ts")).instances,
  wait: async () => (await import("./wait.ts")).wait,
  report: async () => (await import("./report.ts")).report,
  on: async () => (await import("./on.ts")).on,
  off: async () => (await import("./off.ts")).off,
  notify: async () => (await import("./notify.ts")).notify,
  history: async () => (await import("./history.ts")).history,
  console: async () => (await import("./console.ts")).consoleCommand,
  page: async () => (await import("./page.ts")).page,
  gateway: async () => (await import("./gateway.ts")).gateway,
  "import-django": async () => (await import("./import-django.ts")).importDjango,
  migrate: async () => (await import("./migrate.ts")).migrate,
  serve: async () => (await import("./serve.ts")).serve,
  health: async () => (await import("./health.ts")).health,
  shell: async () => (await import("./shell.ts")).shell,
  init: async () => (await import("./init.ts")).init,
  completion: async () => (await import("./completion.ts")).completion,
  version: async () => (await import("./version.ts")).version,
  demo: async () => (await import("./demo.ts")).demo,
};

export const commandNames: readonly string[] = Object.keys(commands);

export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(commands, name) ? commands[name]?.() : undefined;
}
