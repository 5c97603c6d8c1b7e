/** What a network consists of and costs, read off its graph. */
import { peakBytes } from "../graph/cost.ts";
import { graphOf, type Graph } from "../graph/graph.ts";
import { input, type GraphNode, type Value } from "../graph/value.ts";
import { sgdNet, type SgdNetOptions } from "../models/sgdNet.ts";
import { Scope } from "../nn/scope.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { LayerReport, NetworkReport } from "./engine.ts";
import { trainingGraph } from "./networkGraphs.ts";

/** Parameters of the encoder's ImageNet classifier, which the network carries in the paper's count but never uses. */
const CLASSES = 1000;

/**
 * Parameters, multiply-accumulates and memory.
 *
 * @param size   height and width of the images
 * @param batch  images of a training step, for its memory
 */
export function inspectNetwork(options: SgdNetOptions, size: number, batch: number): NetworkReport {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  const made = sgdNet(scope, input("image", [1, 3, size, size]), options);
  const { o1, o2, o3, edge } = made;
  const graph = graphOf("network", { o1, o2, o3, edge });

  const specs = [...registry.parameters.values()].map(({ spec }) => spec);
  const trained = specs.filter((spec) => spec.trained);
  const trainable = trained.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
  const features = specs.findLast((s) => /^resnet\.layer4\.\d+\.conv3\.weight$/.test(s.name))!
    .shape[0]!;

  const layers = layersOf(graph, (path) =>
    trained
      .filter((s) => s.name.slice(0, s.name.lastIndexOf(".")) === path)
      .reduce((n, s) => n + sizeOf(s.shape), 0),
  );
  const asComputed = layers.reduce((sum, layer) => sum + layer.macs, 0);
  const dense = denseSobel(graph);
  const shape = { options, batch, height: size, width: size };
  return {
    parameters: { trainable, withEncoderClassifier: trainable + (features + 1) * CLASSES },
    macs: {
      asReleased: asComputed + dense.shallow + dense.deep,
      withoutShallowSobel: asComputed + dense.deep,
      asComputed,
    },
    memory: {
      weights: 4 * specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0),
      [`activations of a training step, batch ${batch} (estimate)`]: peakBytes(
        trainingGraph(shape, {}).graph,
      ),
      "activations of a prediction (estimate)": peakBytes(graph),
    },
    layers,
  };
}

/** One row for each place that has parameters of its own. */
function layersOf(graph: Graph, parametersAt: (path: string) => number): LayerReport[] {
  const rows = new Map<string, { output: Value; macs: number }>();
  for (const { value, node } of graph.nodes) {
    const known = rows.get(node.path);
    rows.set(node.path, { output: value, macs: (known?.macs ?? 0) + macsOf(node, value) });
  }
  return [...rows].flatMap(([name, { output, macs }]) => {
    const parameters = parametersAt(name);
    return parameters > 0 || macs > 0 ? [{ name, output: output.shape, parameters, macs }] : [];
  });
}

/** Multiply-accumulates of a convolution, in either layout; other operators count as none. */
function macsOf(node: GraphNode, value: Value): number {
  const weights = node.inputs[1]?.shape ?? [];
  if (node.op.name === "conv2d") return sizeOf(value.shape) * sizeOf(weights.slice(1));
  if (node.op.name === "linear") return sizeOf(value.shape) * weights[1]!;
  return 0;
}

/** What the released dense Sobel pairs cost, [c, c, 3, 3] twice for each level, which here are sums of channels. */
function denseSobel(graph: Graph): { shallow: number; deep: number } {
  const cost = (level: string): number => {
    const projected = graph.nodes.findLast(({ node }) => node.path === `sge.s${level}_proj.bn`)
      ?.value.shape;
    const [, c = 0, height = 0, width = 0] = projected ?? [];
    return 2 * 9 * c * c * height * width;
  };
  return { shallow: cost("1"), deep: cost("4") };
}
