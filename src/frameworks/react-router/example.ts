import { maintenancePage } from "intermission/react-router";

export const middleware = [maintenancePage()];
