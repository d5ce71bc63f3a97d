/* A process that serves nothing and soon ends, as a build does. Its worker is given its `--import`. */
import { Worker } from "node:worker_threads";

new Worker("", { eval: true });
