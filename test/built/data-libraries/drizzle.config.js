/* For drizzle-kit: DATABASE_URL, and TABLES_FILTER, comma-separated. */
const filter = process.env.TABLES_FILTER;

export default {
  dialect: "postgresql",
  schema: "./drizzle-schema.js",
  dbCredentials: { url: process.env.DATABASE_URL },
  ...(filter === undefined ? {} : { tablesFilter: filter.split(",") }),
};
