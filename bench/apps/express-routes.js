/** What every Express app here does, so that they differ only in what is measured. */
export function addRoutes(app) {
  app.get("/", (_request, response) => {
    response.send("Hello, world");
  });
  app.get("/broken", () => {
    throw new Error("The column guests.name does not exist");
  });
}
