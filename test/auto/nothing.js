/* A process that serves nothing and soon ends, like a build. Its worker inherits its `--import`. */
import { Worker } from "node:worker_threads";

new Worker("", { eval: true });
