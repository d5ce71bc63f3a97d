/* Without a body, Astro shows its error page. */
export const GET = () => new Response(null, { status: 500 });
