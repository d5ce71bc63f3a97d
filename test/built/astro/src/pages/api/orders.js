export const ALL = () => {
  throw new Error("column orders.note does not exist");
};
