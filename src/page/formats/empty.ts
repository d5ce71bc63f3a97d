import { inertPolicy, type Format } from "../format.ts";

/** For what is part of another page: an image, a script or a style has no place for a text. */
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
  // Says something, so that the type of the failed response does not stay behind.
  contentType: "text/plain; charset=utf-8",
  contentSecurityPolicy: inertPolicy,

  render() {
    return "";
  },
};
