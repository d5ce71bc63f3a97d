export const ALL = ({ request, redirect }) =>
  globalThis.contract.answer(request, {
    error: (status, message) => new Response(message, { status }),
    redirect: (status, location) => redirect(location, status),
  });
