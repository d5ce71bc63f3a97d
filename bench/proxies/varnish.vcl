# deploy/varnish without Intermission.
vcl 4.1;

backend app {
  .host = "127.0.0.1:3000";
  .connect_timeout = 1s;
  .first_byte_timeout = 30s;
}
