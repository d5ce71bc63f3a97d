/* Without a body, Astro shows its page for errors. */
export const GET = () => new Response(null, { status: 500 });
