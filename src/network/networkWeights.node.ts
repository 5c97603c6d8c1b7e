/** Weights from safetensors files of other origin: of the whole network, or of the encoder alone. */
import { ArgumentError, DataError } from "../base/errors.ts";
import { requireFinite } from "../tensor/requireFinite.ts";
import { readSafetensors } from "../tensor/safetensors.node.ts";
import { sameShape, showShape, type Shape } from "../tensor/shape.ts";
import type { NamedTensors, Tensor } from "../tensor/tensor.ts";
import type { Network } from "../models/network.ts";
import type { ChosenNetwork } from "./facts.ts";
import { networkParameters } from "./networkGraphs.ts";

/**
 * Reads all tensors of a network under its PyTorch names.
 *
 * @param size  height and width of the images that the network sees
 * @throws {DataError} naming every tensor that is missing, unexpected or misshapen, or that holds NaN or infinite values.
 */
export const readNetworkWeights = (
  path: string,
  network: ChosenNetwork,
  size: number,
): Promise<NamedTensors> => readWeights(path, "network", network, size, "");

/**
 * Reads the tensors of a network's encoder, named as in the published `state_dict` (`conv1.0.weight`, ...) or with the encoder's
 * name in front (`resnet.conv1.0.weight`): this is how ImageNet weights come in.
 *
 * @returns the tensors under their names in the network
 * @throws {ArgumentError} if the network has no encoder that weights are published for.
 * @throws {DataError} naming every tensor that is missing, unexpected or misshapen, or that holds NaN or infinite values.
 */
export async function readEncoderWeights(
  path: string,
  network: ChosenNetwork,
  size: number,
): Promise<NamedTensors> {
  const { prefix } = publishedEncoder(network.network, path);
  return readWeights(path, "encoder", network, size, prefix);
}

/**
 * The part of a network that published weights fill.
 *
 * @param path  the file of weights, for the message
 * @throws {ArgumentError} if it has none.
 */
export function publishedEncoder({ name, encoder }: Network, path: string): { prefix: string } {
  if (encoder) return encoder;
  throw new ArgumentError(
    `training.encoderWeights (--encoder-weights) must be left out for ${name}, got ${path}; it has no encoder that weights are published for`,
  );
}

async function readWeights(
  path: string,
  what: string,
  network: ChosenNetwork,
  size: number,
  prefix: string,
): Promise<NamedTensors> {
  const wanted = new Map<string, Shape>(
    networkParameters(network, [size, size])
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, shape }) => [name, shape]),
  );
  const { unread } = network.network;
  const { tensors } = await readSafetensors(path);
  const found = new Map<string, Tensor<"float32">>();
  /** The same under the names that the file has. */
  const used = new Map<string, Tensor<"float32">>();
  const missing = new Set(wanted.keys());
  const unexpected: string[] = [];
  const misshapen: string[] = [];
  for (const [given, value] of tensors) {
    const name = given.startsWith(prefix) ? given : prefix + given;
    const shape = wanted.get(name);
    missing.delete(name);
    if (shape && sameShape(shape, value.shape)) {
      found.set(name, value);
      used.set(given, value);
    } else if (shape) {
      misshapen.push(`${given} (must be ${showShape(shape)}, got ${showShape(value.shape)})`);
    } else if (!isCounter(given) && !unread?.(given)) unexpected.push(given);
  }
  const faults = [
    ["missing", [...missing].map((name) => name.slice(prefix.length))],
    ["unexpected", unexpected],
    ["misshapen", misshapen],
  ] as const;
  const sentences = faults
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${names.length} ${kind}: ${names.join(", ")}`);
  if (sentences.length > 0) {
    throw new DataError(
      `${path}: must hold exactly the ${wanted.size} tensors of this ${what}, got ${sentences.join("; ")}; save the weights of this network under their PyTorch names`,
    );
  }
  requireFinite(used, path);
  return found;
}

/** Batches that PyTorch's batch norm has counted. */
const isCounter = (name: string): boolean => name.endsWith(".num_batches_tracked");
