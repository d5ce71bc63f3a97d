export const GET = () => new Response("No", { status: 422 });
