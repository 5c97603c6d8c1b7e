/** Weights from safetensors files of other origin: of the whole network, or of the encoder alone. */
import type { SgdNetOptions } from "../models/sgdNet.ts";
import { DataError } from "../base/errors.ts";
import { readSafetensors } from "../tensor/safetensors.node.ts";
import { sameShape, showShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { NamedTensors } from "../run/checkpoint.node.ts";
import { networkParameters } from "./networkGraphs.ts";

const ENCODER = "resnet.";

/**
 * What published files hold besides: the encoder's ImageNet classifier, counters of batches, and the fixed Sobel kernels of SGE, which
 * are constants here.
 */
const unused = (name: string): boolean =>
  /(^|\.)fc\.(weight|bias)$/.test(name) ||
  name.endsWith(".num_batches_tracked") ||
  /^sge\.sobel_[xy]\.weight$/.test(name);

/**
 * Reads all tensors of a network under its PyTorch names.
 *
 * @throws {DataError} naming every tensor that is missing, unexpected or misshapen.
 */
export const readNetworkWeights = (path: string, network: SgdNetOptions): Promise<NamedTensors> =>
  readWeights(path, "network", wantedOf(network, ""), "");

/**
 * Reads the tensors of a Res2Net encoder, named as in the published `state_dict` (`conv1.0.weight`, ...) or with `resnet.` in front:
 * this is how ImageNet weights come in.
 *
 * @returns the tensors under their names in the network
 * @throws {DataError} naming every tensor that is missing, unexpected or misshapen.
 */
export const readEncoderWeights = (path: string, network: SgdNetOptions): Promise<NamedTensors> =>
  readWeights(path, "encoder", wantedOf(network, ENCODER), ENCODER);

/** Names and shapes of the network's tensors whose names begin with `prefix`. */
const wantedOf = (network: SgdNetOptions, prefix: string): Map<string, Shape> =>
  new Map(
    networkParameters(network)
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, shape }) => [name, shape]),
  );

async function readWeights(
  path: string,
  what: string,
  wanted: ReadonlyMap<string, Shape>,
  prefix: string,
): Promise<NamedTensors> {
  const { tensors } = await readSafetensors(path);
  const found = new Map<string, Tensor<"float32">>();
  const missing = new Set(wanted.keys());
  const unexpected: string[] = [];
  const misshapen: string[] = [];
  for (const [given, value] of tensors) {
    const name = given.startsWith(prefix) ? given : prefix + given;
    const shape = wanted.get(name);
    missing.delete(name);
    if (shape && sameShape(shape, value.shape)) found.set(name, value);
    else if (shape) {
      misshapen.push(`${given} (must be ${showShape(shape)}, got ${showShape(value.shape)})`);
    } else if (!unused(given)) unexpected.push(given);
  }
  const faults = [
    ["missing", [...missing].map((name) => name.slice(prefix.length))],
    ["unexpected", unexpected],
    ["misshapen", misshapen],
  ] as const;
  const sentences = faults
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${names.length} ${kind}: ${names.join(", ")}`);
  if (sentences.length === 0) return found;
  throw new DataError(
    `${path}: must hold exactly the ${wanted.size} tensors of this ${what}, got ${sentences.join("; ")}; save the weights of this network under their PyTorch names`,
  );
}
