/* A server without any code of Intermission. Sends its port to its parent. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

// Like dotenv: before the app listens.
Object.assign(process.env, JSON.parse(process.env.LATE ?? "{}"));

const listener = (request, response) => {
  if (request.url === "/" || request.url === "/health") {
    response.end("fine");
  } else {
    response.statusCode = 500;
    response.end("trace");
    if (request.url === "/exit") process.exit(1);
  }
};

const servers = {
  http: () =>
    http.createServer(listener).on("checkContinue", (request, response) => {
      response.writeContinue();
      listener(request, response);
    }),
  https: () => https.createServer(selfSigned(), listener),
  http2: () => http2.createServer(listener),
  "http2-secure": () => http2.createSecureServer(selfSigned(), listener),
};

function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), "intermission-certificate-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out", cert, ...subject], {
    stdio: "ignore",
  });
  const certificate = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return certificate;
}

const server = servers[process.argv[2]]();
process.once("SIGTERM", () => {
  server.close();
  process.disconnect();
});
process.on("message", (message) => {
  if (message === "close") {
    server.close();
    return;
  }
  Object.assign(process.env, message);
  const second = http.createServer(listener);
  second.listen(0, "127.0.0.1", () => process.send(second.address().port));
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
