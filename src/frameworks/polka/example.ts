import polka from "polka";
import { maintenancePage } from "intermission/polka";

polka()
  .use(maintenancePage())
  .get("/", (_request, response) => {
    response.end("Hello");
  })
  .get("/orders", async () => {
    throw new Error("column orders.note does not exist");
  })
  .listen(3000);
