/*
 * With `node --import`, makes every clock of the process wrong by WRONG_BY milliseconds, as on a machine
 * whose time was never set.
 */
import process from "node:process";

const wrongBy = Number(process.env.WRONG_BY);
const { now } = Date;
Date.now = () => now() + wrongBy;
Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + wrongBy });
