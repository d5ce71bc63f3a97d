/* The test gives each app of the contract its hooks and answers. */
export const handle = (input) => globalThis.contract.handle(input);
export const handleError = (input) => globalThis.contract.handleError(input);
