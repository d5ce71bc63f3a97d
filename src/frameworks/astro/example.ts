// src/middleware.ts
import { maintenancePage } from "intermission/astro";

export const onRequest = maintenancePage();
