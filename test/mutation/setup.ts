import fc from "fast-check";

// A mutant that is found need not be explained by the smallest example.
fc.configureGlobal({ endOnFailure: true });
