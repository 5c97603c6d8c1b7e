/** The engine on Node: SGD-Net on ONNX Runtime. */
import { chooseDevice, probeDevices } from "../runtime/devices.node.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import type { SessionOptions } from "../runtime/session.ts";
import type { RunConfig } from "../run/config.ts";
import { readEncoderWeights, readNetworkWeights } from "./networkWeights.node.ts";
import type { Engine } from "./engine.ts";
import { inspectNetwork } from "./inspectNetwork.ts";
import { networkOptions } from "./networkGraphs.ts";
import { createPredictor } from "./createPredictor.ts";
import { createSgdNetModel } from "./sgdNetModel.ts";

export const nodeEngine: Engine = {
  async openTrainingModel(config) {
    const { data, training, runtime } = config;
    const network = networkOptions(config.preset, config.model);
    // The encoder's own file comes last: it may refine weights of the whole network.
    const { weights, encoderWeights } = training;
    const start = new Map([
      ...(weights ? await readNetworkWeights(weights, network) : []),
      ...(encoderWeights ? await readEncoderWeights(encoderWeights, network) : []),
    ]);
    return createSgdNetModel(nodeRuntime, {
      network,
      size: [data.size, data.size],
      loss: {
        lambda: training.lossTerms.includes("edge") ? training.lambda : 0,
        crossEntropy: training.lossTerms.includes("bce"),
        dice: training.lossTerms.includes("dice"),
        deepSupervision: training.deepSupervision,
        ...(training.classWeights && { classWeights: training.classWeights }),
      },
      boundary: data.instances ?? false,
      seed: training.seed,
      frozen: (name) => training.freezeEncoder && name.startsWith("resnet."),
      start,
      session: await sessionOptions(runtime),
    });
  },
  async openPredictor(config, weights, { device, threads, maps }) {
    const options = networkOptions(config.preset, config.model);
    return createPredictor(nodeRuntime, {
      network: options,
      weights,
      size: config.data.size,
      maps,
      session: await sessionOptions({ device, threads }),
    });
  },
  inspectNetwork(config) {
    const { preset, model, data, training } = config;
    const batch = training.microBatch || training.batchSize;
    return Promise.resolve(inspectNetwork(networkOptions(preset, model), data.size, batch));
  },
  probeDevices,
};

async function sessionOptions({
  device,
  threads,
}: Pick<RunConfig["runtime"], "device" | "threads">): Promise<SessionOptions> {
  return { device: await chooseDevice(device), threads };
}
