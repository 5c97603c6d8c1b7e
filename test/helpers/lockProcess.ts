/** Takes the lock of the folder argv[2], says so, and stays until it is killed or its input ends. */
import { lockFolder } from "../../src/run/folderLock.node.ts";

const [path = "", part] = process.argv.slice(2);
try {
  const lock = await lockFolder(path, part);
  process.stdout.write("held\n");
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once("end", resolve));
  await lock.release();
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`);
}
