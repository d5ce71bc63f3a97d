function fail() {
  throw new Error("column orders.note does not exist");
}

export { fail as GET, fail as POST };
