const { createCoreRouter } = require("@strapi/strapi").factories;

const open = { auth: false };

module.exports = createCoreRouter("api::shop.shop", { config: { find: open, findOne: open, create: open } });
