/** A hand-written listener: a page, and an error that is caught and answered. */
export function answer(request, response) {
  if (request.url === "/broken") {
    response.statusCode = 500;
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    response.end("Internal Server Error");
    return;
  }
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("Hello, world");
}
