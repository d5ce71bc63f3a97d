import { createServer } from "node:http";

export const rows = [
  {
    title: "`--import intermission/auto`",
    packages: [],
    flags: ["--import", "intermission/auto"],
    createServer: () => createServer(listener),
  },
];

function listener(request, response) {
  if (request.url === "/") response.end("Hello");
  else response.writeHead(500).end("Internal Server Error");
}
