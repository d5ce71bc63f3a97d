import { maintenancePage } from "intermission/next";

export const { register, onRequestError } = maintenancePage({
  onMasked: ({ path, error }) => {
    console.error("masked", path, error);
  },
});
