export const load = ({ request }) => globalThis.contract.answer(request);
