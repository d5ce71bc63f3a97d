import { UsageError } from "./usage-error.ts";

const longest = 2048;

/** The address for a bypass link. @throws UsageError */
export function parseSite(text: string): URL {
  const site = text.length <= longest && URL.canParse(text) ? new URL(text) : undefined;
  if (site === undefined || !/^https?:$/.test(site.protocol) || site.password !== "" || site.username !== "")
    throw new UsageError("The option --link needs the address of the site, such as https://shop.example/.");
  return site;
}

/** The link; without a site, the part to append to any of its addresses. */
export function toLink(site: URL | undefined, token: string): string {
  const parameter = `intermission-bypass=${token}`;
  if (site === undefined) return `/?${parameter}`;
  const link = new URL(site);
  link.search = link.search === "" ? parameter : `${link.search}&${parameter}`;
  return link.href;
}
