import { inertPolicy, type Format } from "../format.ts";

/** For subresources: an image, a script or a style can't show text. */
export const empty: Format = {
  name: "empty",
  mediaTypes:
    /^(?:(?:image|audio|video|font)\/.+|text\/css|(?:text|application)\/(?:x-)?(?:java|ecma)script)$/,
  destinations: [
    "audio",
    "audioworklet",
    "dictionary",
    "font",
    "image",
    "manifest",
    "paintworklet",
    "report",
    "script",
    "serviceworker",
    "sharedworker",
    "style",
    "track",
    "video",
    "worker",
    "xslt",
  ],
  // Set so that the failed response's type does not stay.
  contentType: "text/plain; charset=utf-8",
  contentSecurityPolicy: inertPolicy,

  render() {
    return "";
  },
};
