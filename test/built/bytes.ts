import { visit } from "../support/http.ts";
import { browser } from "./deploy.ts";

/** What is sent over the wire, without what differs between instances and builds. */
export function bytesOf({ url }: { readonly url: string }, paths: readonly string[]): Promise<unknown> {
  const { host } = new URL(url);
  return Promise.all(
    paths.map(async (path) => {
      const { status, rawHeaders, body } = await visit(`${url}${path}`, { headers: browser });
      const fields = rawHeaders.filter((_, index) => !/^date$/i.test(rawHeaders[index - (index % 2)] ?? ""));
      return { path, status, fields: fields.map(unplaced), body: unplaced(body) };
    }),
  );

  function unplaced(text: string): string {
    return text.replaceAll(host, "host");
  }
}
