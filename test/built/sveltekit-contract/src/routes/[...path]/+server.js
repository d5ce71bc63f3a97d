import { error, redirect } from "@sveltejs/kit";

export const fallback = ({ request }) => globalThis.contract.answer(request, { error, redirect });
