/** This package's version. Not every runtime can read package.json; a test compares the two. */
export const version = "0.2.0";
