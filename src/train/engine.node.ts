/** The engine on Node. */
import { InternalError } from "../tensor/errors.ts";
import type { Engine } from "./engine.ts";

const missing = (): never => {
  throw new InternalError("engine: not joined with training yet");
};

export const nodeEngine: Engine = {
  openTrainingModel: missing,
  openPredictor: missing,
  inspectNetwork: missing,
  probeDevices: missing,
};
