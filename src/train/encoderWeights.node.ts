/** Weights of a Res2Net encoder from a safetensors file: how ImageNet weights come in. */
import type { SgdNetOptions } from "../models/sgdNet.ts";
import { DataError } from "../tensor/errors.ts";
import { readSafetensors } from "../tensor/safetensors.node.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { networkParameters } from "./networkGraphs.ts";

const ENCODER = "resnet.";

/** Tensors of the published file that the network has no use for: the classifier, and counters of batches. */
const unused = (name: string): boolean =>
  name === "fc.weight" || name === "fc.bias" || name.endsWith(".num_batches_tracked");

/**
 * Reads the encoder's tensors, named as in the published `state_dict` (`conv1.0.weight`, ...) or with `resnet.` in front.
 *
 * @returns the tensors under their names in the network
 * @throws {DataError} naming every tensor that is missing, unexpected or misshapen.
 */
export async function readEncoderWeights(
  path: string,
  network: SgdNetOptions,
): Promise<ReadonlyMap<string, Tensor>> {
  const { tensors } = await readSafetensors(path);
  const wanted = new Map(
    networkParameters(network)
      .filter(({ name }) => name.startsWith(ENCODER))
      .map(({ name, shape }) => [name.slice(ENCODER.length), shape]),
  );
  const found = new Map<string, Tensor>();
  const unexpected: string[] = [];
  const misshapen: string[] = [];
  for (const [name, value] of tensors) {
    const bare = name.startsWith(ENCODER) ? name.slice(ENCODER.length) : name;
    const shape = wanted.get(bare);
    if (shape && sameShape(shape, value.shape)) found.set(ENCODER + bare, value);
    else if (shape)
      misshapen.push(`${bare} (must be ${showShape(shape)}, got ${showShape(value.shape)})`);
    else if (!unused(bare)) unexpected.push(bare);
  }
  const seen = new Set([
    ...found.keys(),
    ...misshapen.map((m) => ENCODER + m.slice(0, m.indexOf(" "))),
  ]);
  const missing = [...wanted.keys()].filter((name) => !seen.has(ENCODER + name));
  const faults = [
    ["missing", missing],
    ["unexpected", unexpected],
    ["misshapen", misshapen],
  ] as const;
  const sentences = faults.filter(([, names]) => names.length > 0);
  if (sentences.length === 0) return found;
  const text = sentences.map(([kind, names]) => `${names.length} ${kind}: ${names.join(", ")}`);
  throw new DataError(
    `${path}: must hold exactly the ${wanted.size} tensors of this encoder, got ${text.join("; ")}; convert the weights with their PyTorch names`,
  );
}
