import express from "express";
import { maintenancePage, rememberErrors } from "intermission/express";

const app = express();
app.use(maintenancePage({ onMasked: ({ path, error }) => console.error("masked", path, error) }));

app.get("/", (_request, response) => {
  response.send("Hello");
});
app.get("/orders", async () => {
  throw new Error("column orders.note does not exist");
});

app.use(rememberErrors());
app.listen(3000);
