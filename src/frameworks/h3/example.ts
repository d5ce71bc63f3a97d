import { H3, serve } from "h3";
import { maintenancePage } from "intermission/h3";

const app = new H3().register(maintenancePage());

app.get("/", () => "Hello");
app.get("/orders", () => {
  throw new Error("column orders.note does not exist");
});

serve(app, { port: 3000 });
