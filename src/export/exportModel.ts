/** A checkpoint's network as one self-contained ONNX model. */
import { ArgumentError } from "../base/errors.ts";
import { toOnnx } from "../graph/toOnnx.ts";
import { channelsOf, chosenNetwork } from "../network/facts.ts";
import { predictionGraph } from "../network/networkGraphs.ts";
import type { ElementType, OnnxModel, OnnxNode, OnnxValueInfo } from "../onnx/proto.ts";
import type { NamedTensors } from "../tensor/tensor.ts";
import { exportMetadata, type ExportFacts, type Statement } from "./metadata.ts";
import { nodeWriter } from "./nodes.ts";
import { imageNodes, mapNodes, maskNodes, sidesOf } from "./processing.ts";
import { standardOperators } from "./standardOperators.ts";

/**
 * The network alone: `image` [1, 3, size, size], normalised, to `probability` [1, C, size, size] and, with maps, `edge`
 * [1, 1, size, size] and `guidance` [1, channels, h, w] where it has them; operators of the ONNX standard alone.
 */
export function networkModel(
  { facts, maps }: Pick<ExportFacts, "facts" | "maps">,
  weights: NamedTensors,
): OnnxModel {
  const { size } = facts.input;
  const shape = { network: chosenNetwork(facts), batch: 1, height: size, width: size };
  const model = standardOperators(toOnnx(predictionGraph(shape, weights, maps)));
  return renamed(model, (name) => (name === "map/guidance" ? "guidance" : name));
}

/** Height and width of all images; undefined leaves both free. */
export type FixedSize = readonly [height: number, width: number] | undefined;

/** Adds metadata and, if it is wanted, resizing and normalisation to `network`, of any precision. */
export function exportedModel(
  network: OnnxModel,
  exported: ExportFacts,
  statement: Statement,
  imageSize?: FixedSize,
): OnnxModel {
  const model = exported.processing ? withProcessing(network, exported, imageSize) : network;
  return {
    ...model,
    name: "sgdc",
    version: statement.version,
    metadata: exportMetadata(exported, statement),
  };
}

const inner = (name: string): string => `network/${name}`;

function withProcessing(
  network: OnnxModel,
  { facts, layout, threshold }: ExportFacts,
  imageSize: FixedSize,
): OnnxModel {
  const { size, fit, values } = facts.input;
  const resize = fit === "resize";
  const [height, width] = resize ? (imageSize ?? ["height", "width"]) : [size, size];
  const outer = new Set([...network.inputs, ...network.outputs].map(({ name }) => name));
  const core = renamed(network, (name) => (outer.has(name) ? inner(name) : name));

  const before = nodeWriter("before");
  const sides = sidesOf(before, "image", layout);
  imageNodes(before, "image", sides, { layout, size, resize, values }, inner("image"));

  const behind = nodeWriter("behind");
  const outputs: OnnxValueInfo[] = [];
  for (const { name, shape } of network.outputs) {
    const [, channels = 1, h = 1, w = 1] = shape.map(Number);
    let map = inner(name);
    if (name === "guidance") {
      const axes = { axes: { ints: [1] }, keepdims: { int: 1 } };
      map = behind.op("ReduceMean", [behind.op("Abs", [map])], axes);
    }
    if (resize || name === "guidance") mapNodes(behind, map, sides, [h, w], name);
    else behind.op("Identity", [map], {}, name);
    const planes = name === "guidance" ? 1 : channels;
    outputs.push({ name, dtype: "float32", shape: [1, planes, height, width] });
    if (name !== "probability") continue;
    maskNodes(behind, "probability", channelsOf(facts.labels.classes), threshold, "mask");
    outputs.push({ name: "mask", dtype: "uint8", shape: [1, height, width] });
  }
  const dtype: ElementType = values.mode === "dataset" && values.bits === 16 ? "uint16" : "uint8";
  const shape = layout === "nhwc" ? [1, height, width, 3] : [1, 3, height, width];
  return {
    ...core,
    nodes: [...before.nodes, ...core.nodes, ...behind.nodes],
    inputs: [{ name: "image", dtype, shape }],
    outputs,
    initializers: new Map([...before.initializers, ...core.initializers, ...behind.initializers]),
  };
}

/** The model with other names for its values. */
function renamed(model: OnnxModel, rename: (name: string) => string): OnnxModel {
  const info = (value: OnnxValueInfo): OnnxValueInfo => ({ ...value, name: rename(value.name) });
  const inNodes = (nodes: readonly OnnxNode[]): OnnxNode[] =>
    nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
      attributes: Object.fromEntries(
        Object.entries(node.attributes ?? {}).map(([key, a]) => [
          key,
          "graph" in a ? { graph: { ...a.graph, nodes: inNodes(a.graph.nodes) } } : a,
        ]),
      ),
    }));
  return {
    ...model,
    nodes: inNodes(model.nodes),
    inputs: model.inputs.map(info),
    outputs: model.outputs.map(info),
    initializers: new Map([...model.initializers].map(([name, value]) => [rename(name), value])),
  };
}

/** Bytes of the weights of a file; one message of the file format holds less than 2 GB. */
const mostBytes = 2 ** 31 - 2 ** 20;

/** @throws {ArgumentError} if one file cannot hold the model. */
export function refuseTooLarge({ initializers }: OnnxModel): void {
  let bytes = 0;
  for (const { data } of initializers.values()) bytes += data.byteLength;
  if (bytes <= mostBytes) return;
  throw new ArgumentError(
    `export: weights must take less than 2 GB in one file, got ${(bytes / 2 ** 30).toFixed(1)} GB; take --precision float16 or int8, or a smaller size of the network`,
  );
}
