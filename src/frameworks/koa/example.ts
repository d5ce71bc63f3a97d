import Koa from "koa";
import { maintenancePage } from "intermission/koa";

const app = new Koa();
app.use(maintenancePage());

app.use((context) => {
  if (context.path === "/") context.body = "Hello";
  if (context.path === "/orders") throw new Error("column orders.note does not exist");
});

app.listen(3000);
