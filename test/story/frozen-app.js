/*
 * An instance on v1.0 as AWS Lambda runs it: events come in, answers go out, and in between the process is
 * stopped. Each message is a path; each answer is its status and the handler's milliseconds.
 */
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { maintenancePage } from "../../dist/frameworks/hono/index.js";

const app = new Hono();
app.use(maintenancePage({ refreshEvery: 0 }));
app.get("/", (context) => context.text("Hello"));
app.get("/broken", () => {
  throw new Error("broken by the deploy");
});
app.onError((_error, context) => context.text("Internal Server Error", 500));

const handler = handle(app);

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, format 2.0 */
function toEvent(path) {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { accept: "text/html", host: "shop.example.com" },
    requestContext: {
      accountId: "1",
      apiId: "api",
      domainName: "shop.example.com",
      domainPrefix: "shop",
      http: { method: "GET", path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "id",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: Date.now(),
    },
    isBase64Encoded: false,
  };
}

process.on("message", async (path) => {
  const startedAt = performance.now();
  const { statusCode, headers } = await handler(toEvent(path), {});
  process.send({
    status: statusCode,
    retryAfter: headers["retry-after"] ?? null,
    took: performance.now() - startedAt,
  });
});
process.send("ready");
