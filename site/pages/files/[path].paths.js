import { findShownFiles } from "../../content/addresses.ts";

export default {
  paths: () =>
    findShownFiles().map(({ path, language, text }) => ({
      params: { path },
      content: `# ${path.split("/").at(-1)}\n\n\`${path}\` in the repository.\n\n\`\`\`\`\`${language}\n${text}\`\`\`\`\`\n`,
    })),
};
