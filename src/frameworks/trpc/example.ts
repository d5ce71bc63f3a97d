import { initTRPC } from "@trpc/server";
import { createHTTPServer, type CreateHTTPContextOptions } from "@trpc/server/adapters/standalone";
import { maintenanceMeta, maintenancePage, maintenanceShape } from "intermission/trpc";

const createContext = ({ req }: CreateHTTPContextOptions) => ({ req });
const t = initTRPC.context<typeof createContext>().create({ errorFormatter: maintenanceShape });
const procedure = t.procedure.use(maintenancePage());

const router = t.router({
  greet: procedure.query(() => "Hello"),
  orders: procedure.query((): string[] => {
    throw new Error("column orders.note does not exist");
  }),
});

createHTTPServer({ router, createContext, responseMeta: maintenanceMeta }).listen(3000);
