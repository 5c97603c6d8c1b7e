/** A fit in a process of its own, which may be told to kill itself: argv is folder and mode. */
import { open } from "node:fs/promises";
import { readCheckpoint } from "../../src/run/checkpoint.node.ts";
import { resolveConfig } from "../../src/run/config.ts";
import { nodeClock, openFolderStore } from "../../src/run/folderStore.node.ts";
import { fitSettings } from "../../src/run/recipe.ts";
import { fit } from "../../src/train/fit.ts";
import { exists, prepareRunFolder, runFolder } from "../../src/run/runFolder.node.ts";
import { fakeModel, fakeSource } from "./fakeModel.ts";

const [path = "", mode = ""] = process.argv.slice(2);
const size = 64;
const kill = (): void => {
  process.kill(process.pid, "SIGKILL");
};

const killAtWrite = /^kill-at-write-(\d+)$/.exec(mode)?.[1];
if (killAtWrite !== undefined) {
  // Every file handle of the process writes a part of its bytes, and then the power fails.
  const probe = await open(process.execPath, "r");
  const prototype = Object.getPrototypeOf(probe) as {
    writeFile: (this: typeof probe, data: Uint8Array | string) => Promise<void>;
  };
  await probe.close();
  const write = prototype.writeFile;
  let writes = 0;
  prototype.writeFile = async function (data) {
    // The log comes first, then header and tensors of each checkpoint.
    if (++writes < Number(killAtWrite)) return write.call(this, data);
    await write.call(this, data.slice(0, data.length >> 1));
    kill();
  };
}

const folder = runFolder(path);
const resume = (await exists(folder.last)) ? await readCheckpoint(folder.last) : undefined;
let steps = 0;
const config = resolveConfig({
  preset: "compact",
  data: { path: "x", size },
  training: { epochs: 4, batchSize: 4, learningRate: 0.2, ema: 0.9, warmup: 0.25 },
});
await fit({
  settings: fitSettings(config),
  model: fakeModel(size),
  training: fakeSource(size, 12, 4),
  validation: fakeSource(size, 4, 4),
  store: await openFolderStore(resume ? folder : await prepareRunFolder(path, true), { config }),
  clock: nodeClock,
  resume,
  events: {
    onStep() {
      if (mode === "kill-at-step-5" && ++steps === 5) kill();
    },
  },
});
