/** Tells the page from any other 503. Part of the public contract: it never changes. */
export const problemType = "urn:intermission:maintenance";
