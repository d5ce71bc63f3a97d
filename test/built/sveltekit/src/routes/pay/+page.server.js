export const actions = {
  default: () => {
    throw new Error("column orders.note does not exist");
  },
};
