/** The engine on Node: networks on ONNX Runtime. */
import { ArgumentError } from "../base/errors.ts";
import { chooseDevice, probeDevices } from "../runtime/devices.node.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import type { SessionOptions } from "../runtime/session.ts";
import { createPredictor } from "./createPredictor.ts";
import type { Engine, Placement } from "./engine.ts";
import { chosenNetwork } from "./facts.ts";
import { inspectNetwork } from "./inspectNetwork.ts";
import { createNetworkModel } from "./networkModel.ts";
import { readEncoderWeights, readNetworkWeights } from "./networkWeights.node.ts";

export const nodeEngine: Engine = {
  async openTrainingModel({
    facts,
    loss,
    seed,
    weights,
    encoderWeights,
    freezeEncoder,
    saveMemory = false,
    ...placed
  }) {
    const network = chosenNetwork(facts);
    const { size } = facts.input;
    const { name, encoder } = network.network;
    if (freezeEncoder && !encoder) {
      throw new ArgumentError(
        `training.freezeEncoder (--freeze-encoder) must be off for ${name}, got on; it has no encoder that weights are published for`,
      );
    }
    // The encoder's own file comes last: it may refine weights of the whole network.
    const start = new Map([
      ...(weights ? await readNetworkWeights(weights, network, size) : []),
      ...(encoderWeights ? await readEncoderWeights(encoderWeights, network, size) : []),
    ]);
    return createNetworkModel(nodeRuntime, {
      ...{ network, loss, seed, start, saveMemory },
      size: [size, size],
      ...(freezeEncoder && encoder && { frozen: (tensor) => tensor.startsWith(encoder.prefix) }),
      session: await sessionOptions(placed),
    });
  },
  async openPredictor(facts, weights, { device, threads, maps }) {
    return createPredictor(nodeRuntime, {
      ...{ weights, maps },
      network: chosenNetwork(facts),
      size: facts.input.size,
      session: await sessionOptions({ device, threads }),
    });
  },
  inspectNetwork: (facts, batch) =>
    Promise.resolve(inspectNetwork(chosenNetwork(facts), facts.input.size, batch)),
  probeDevices,
};

async function sessionOptions({ device, threads }: Placement): Promise<SessionOptions> {
  return { device: await chooseDevice(device), threads };
}
