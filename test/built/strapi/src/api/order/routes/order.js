const { createCoreRouter } = require("@strapi/strapi").factories;

const open = { auth: false };

module.exports = createCoreRouter("api::order.order", {
  config: { find: open, findOne: open, create: open },
});
