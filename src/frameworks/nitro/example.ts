import { maintenancePage } from "intermission/nitro";

export default maintenancePage();
