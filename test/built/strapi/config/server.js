module.exports = ({ env }) => ({
  host: env("HOST"),
  port: env.int("PORT"),
  app: { keys: ["first key of a test", "second key of a test"] },
});
