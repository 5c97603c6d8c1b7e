import { expect, test } from "vitest";
import type { Graph } from "../../src/graph/graph.ts";
import { toOnnx } from "../../src/graph/toOnnx.ts";
import { sizedOptions } from "../../src/models/network.ts";
import { networks } from "../../src/models/registry.ts";
import {
  evaluationGraph,
  networkParameters,
  predictionGraph,
  trainingGraph,
} from "../../src/network/networkGraphs.ts";
import type { OnnxNode } from "../../src/onnx/proto.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { tensor } from "../../src/tensor/tensor.ts";

/**
 * What graphs for other devices than the CPU are made of. Each is in ONNX Runtime's published table of CUDA kernels for opset 17 and
 * float32 (docs/OperatorKernels.md). A new one belongs here once that table, and the table in docs/how-to/devices.md, have been read.
 */
const PORTABLE: ReadonlySet<string> = new Set([
  ...["Abs", "Add", "AveragePool", "BatchNormalization", "Cast", "Concat", "Conv", "ConvTranspose"],
  ...["Div", "Equal", "Erf", "Exp", "Expand", "Gather", "Gemm", "Greater", "HardSigmoid"],
  ...["Identity", "LayerNormalization", "LeakyRelu", "Less", "LogSoftmax", "MatMul", "Max"],
  ...["MaxPool", "Min", "Mul", "Neg", "PRelu", "Pad", "Reciprocal", "ReduceMax", "ReduceSum"],
  ...["Relu", "Reshape", "Scan", "Sigmoid", "Slice", "Softmax", "Softplus", "Sqrt", "Sub"],
  ...["Transpose", "Where", "com.microsoft.Gelu"],
]);

/** All nodes, those in the bodies of loops included. */
const nodesIn = (nodes: readonly OnnxNode[]): readonly OnnxNode[] =>
  nodes.flatMap((node) => [
    node,
    ...Object.values(node.attributes ?? {}).flatMap((a) =>
      "graph" in a ? nodesIn(a.graph.nodes) : [],
    ),
  ]);

test.each(networks.map((network) => [network.name, network] as const))(
  "%s trains and predicts on other devices with operators that they are known to have",
  (_name, network) => {
    const size = network.sizes["tiny"] ? "tiny" : "compact";
    const chosen = { network, options: sizedOptions(network, size) };
    const shape = { network: chosen, batch: 2, height: 64, width: 64 };
    const weights = new Map(
      networkParameters(chosen, [64, 64]).map((spec) => [
        spec.name,
        tensor(spec.shape, new Float32Array(sizeOf(spec.shape))),
      ]),
    );
    const graphs: Graph[] = [
      trainingGraph(shape, {}).graph,
      evaluationGraph(shape, {}).graph,
      predictionGraph({ ...shape, batch: 1 }, weights),
    ];
    for (const graph of graphs) {
      const nodes = nodesIn(toOnnx(graph, { target: "portable", asWritten: true }).nodes);
      const used = nodes.map(({ domain, opType }) => (domain ? `${domain}.${opType}` : opType));
      expect([...new Set(used)].filter((name) => !PORTABLE.has(name))).toEqual([]);
      // WebGPU gives no indices, and trains no batch norm.
      const several = nodes.filter(
        ({ opType, outputs }) =>
          outputs.length > 1 && ["MaxPool", "BatchNormalization"].includes(opType),
      );
      expect(several).toEqual([]);
    }
  },
);
