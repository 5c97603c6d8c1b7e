/** What a network consists of and costs, read off its graph. */
import { macsOfNodes, peakBytes, type Macs } from "../graph/cost.ts";
import { graphOf, type Graph } from "../graph/graph.ts";
import { input, type Value } from "../graph/value.ts";
import type { CountNote } from "../models/network.ts";
import { Scope } from "../nn/scope.ts";
import { sizeOf } from "../tensor/shape.ts";
import { traceNetwork, type ChosenNetwork } from "./facts.ts";
import { trainingGraph } from "./networkGraphs.ts";

/** One layer or block of a network. */
export interface LayerReport extends Macs {
  readonly name: string;
  /** Shape of its output for one image. */
  readonly output: readonly number[];
  readonly parameters: number;
}

/** What a network costs, for one image. */
export interface NetworkReport {
  /** Trained ones. */
  readonly parameters: number;
  /** As this implementation computes them, all heads included. */
  readonly macs: Macs;
  /** What other ways of counting count besides, e.g. that of the published code. */
  readonly notes: {
    readonly parameters: readonly CountNote[];
    readonly macs: readonly CountNote[];
  };
  readonly memory: MemoryReport;
  readonly layers: readonly LayerReport[];
}

/** Bytes; those of activations are estimates, see `peakBytes`. */
export interface MemoryReport {
  readonly weights: number;
  /** Images of the training step that `training` is for. */
  readonly trainingBatch: number;
  /** Activations of a training step. */
  readonly training: number;
  /** Activations of the prediction of one image. */
  readonly prediction: number;
}

/**
 * Parameters and multiply-accumulates, without the memory and the layers, which take longer.
 *
 * @param size  height and width of the images
 */
export function countNetwork(
  network: ChosenNetwork,
  size: number,
): Pick<NetworkReport, "parameters" | "macs" | "notes"> {
  const { parameters, macs, notes } = lookAt(network, size);
  return { parameters, macs, notes };
}

/**
 * Parameters, multiply-accumulates and memory.
 *
 * @param size   height and width of the images
 * @param batch  images of a training step, for its memory
 */
export function inspectNetwork(network: ChosenNetwork, size: number, batch: number): NetworkReport {
  const { graph, bytes, ...counts } = lookAt(network, size);
  const shape = { network, batch, height: size, width: size };
  return {
    ...counts,
    memory: {
      weights: bytes,
      trainingBatch: batch,
      training: peakBytes(trainingGraph(shape, {}).graph),
      prediction: peakBytes(graph),
    },
  };
}

function lookAt(network: ChosenNetwork, size: number) {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  const made = traceNetwork(network, scope, input("image", [1, 3, size, size]));
  const { logits, auxiliary = [], edge } = made;
  const further = Object.fromEntries(auxiliary.map((v, i) => [`auxiliary/${i}`, v]));
  const graph = graphOf("network", { logits, ...further, ...(edge && { edge }) });

  const specs = [...registry.parameters.values()].map(({ spec }) => spec);
  const trained = specs.filter((spec) => spec.trained);
  const countOf = (some: typeof specs): number =>
    some.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const layers = layersOf(graph, (path) =>
    countOf(trained.filter(({ name }) => name.slice(0, name.lastIndexOf(".")) === path)),
  );
  const { parameters = [], macs = [] } = network.network.notes?.(network.options, size) ?? {};
  return {
    parameters: countOf(trained),
    macs: layers.reduce(plus, { layers: 0, products: 0 }),
    notes: { parameters, macs },
    layers,
    graph,
    bytes: 4 * countOf(specs),
  };
}

const plus = (a: Macs, b: Macs): Macs => ({
  layers: a.layers + b.layers,
  products: a.products + b.products,
});

/** One row for each place that has parameters of its own, or computes products. */
function layersOf(graph: Graph, parametersAt: (path: string) => number): LayerReport[] {
  const counts = macsOfNodes(graph);
  const rows = new Map<string, { output: Value; macs: Macs }>();
  for (const { value, node } of graph.nodes) {
    const known = rows.get(node.path)?.macs ?? { layers: 0, products: 0 };
    rows.set(node.path, { output: value, macs: plus(known, counts.get(value.id)!) });
  }
  return [...rows].flatMap(([name, { output, macs }]) => {
    const parameters = parametersAt(name);
    if (parameters + macs.layers + macs.products === 0) return [];
    return [{ name, output: output.shape, parameters, ...macs }];
  });
}
