import { index, route } from "@react-router/dev/routes";

export default [
  index("routes/home.jsx"),
  route("orders", "routes/orders.jsx"),
  route("said", "routes/said.jsx"),
  route("render", "routes/render.jsx"),
  route("act", "routes/act.jsx"),
  route("moved", "routes/moved.js"),
  route("api/orders", "routes/api-orders.js"),
  route("api/hello", "routes/api-hello.js"),
];
