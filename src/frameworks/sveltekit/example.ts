// src/hooks.server.ts
import { maintenancePage, rememberErrors } from "intermission/sveltekit";

export const handle = maintenancePage();
export const handleError = rememberErrors();
