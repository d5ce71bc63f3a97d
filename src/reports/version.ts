/** This package's version. What runs everywhere can't read package.json; a test compares the two. */
export const version = "0.1.0";
