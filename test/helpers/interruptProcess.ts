/** `sgdc` with slow steps and predictions on the fake engine, to be interrupted: argv is "wait" or "block", then arguments. */
import { runCli } from "../../cli/runCli.ts";
import type { Engine } from "../../src/network/engine.ts";
import { fakeEngine } from "./fakeEngine.ts";

const [mode = "", ...args] = process.argv.slice(2);
const base = fakeEngine();

/** Blocks the whole process, as a native computation does. */
function compute(milliseconds: number): void {
  const end = Date.now() + milliseconds;
  while (Date.now() < end);
}

let predicted = 0;
const engine: Engine = {
  ...base,
  async openTrainingModel(config) {
    const model = await base.openTrainingModel(config);
    return {
      ...model,
      async step(...given) {
        const result = await model.step(...given);
        compute(mode === "block" ? 300 : 40);
        return result;
      },
    };
  },
  async openPredictor(...given) {
    const predictor = await base.openPredictor(...given);
    return {
      ...predictor,
      async predict(...images) {
        process.stderr.write(`prediction ${++predicted}\n`);
        const result = await predictor.predict(...images);
        compute(100);
        return result;
      },
    };
  },
};

process.exit(await runCli(args, process, engine));
