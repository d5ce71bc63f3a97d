/*
 * `node --import` it, and every clock of the process is wrong by WRONG_BY milliseconds, as on a machine that nobody has
 * told the time.
 */
import process from "node:process";

const wrongBy = Number(process.env.WRONG_BY);
const { now } = Date;
Date.now = () => now() + wrongBy;
Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + wrongBy });
