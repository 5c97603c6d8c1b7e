/** Tries the devices named as arguments, one after another, and writes a line of JSON for each: the process that `probeDevices` starts. */
import { probeDevice } from "./devices.node.ts";
import { DEVICES } from "./session.ts";

for (const device of DEVICES) {
  if (device === "auto" || !process.argv.includes(device)) continue;
  process.stdout.write(`${JSON.stringify(await probeDevice(device))}\n`);
}
