import { referencePages } from "../../content/reference.ts";

export default {
  paths: async () => (await referencePages()).map(({ name, content }) => ({ params: { name }, content })),
};
