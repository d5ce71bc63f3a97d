module.exports = ({ env }) => ({
  connection: { client: "postgres", connection: { connectionString: env("APP_DATABASE_URL") } },
});
