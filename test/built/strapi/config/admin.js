module.exports = {
  auth: { secret: "admin secret of a test" },
  apiToken: { salt: "token salt of a test" },
  transfer: { token: { salt: "transfer salt of a test" } },
};
