/** What a graph costs: arithmetic, and memory while it runs. */
import { sizeOf } from "../tensor/shape.ts";
import type { Graph } from "./graph.ts";
import type { Value } from "./value.ts";

/** Multiply-accumulates of convolutions and matrix products. */
export interface Macs {
  /** By weights: one operand does not depend on the image. What papers count. */
  readonly layers: number;
  /** Of values that both depend on the image: attention, kernels made for each pixel. Counters of layers do not see them. */
  readonly products: number;
}

/**
 * Multiply-accumulates of each node, as computed: products with rows of zeros count as any.
 *
 * @param image  the name of the input that the others are weights beside
 * @returns      by the id of the node's value
 */
export function macsOfNodes(graph: Graph, image = "image"): Map<number, Macs> {
  const fromImage = new Set<number>();
  for (const { name, value } of graph.inputs) if (name === image) fromImage.add(value.id);
  const counts = new Map<number, Macs>();
  for (const { value, node } of graph.nodes) {
    const operands = node.inputs.filter(({ id }) => fromImage.has(id)).length;
    if (operands > 0) fromImage.add(value.id);
    // What no image enters, such as weights made of weights, is computed once.
    const macs = operands > 0 ? (node.op.macs?.(node.inputs, value) ?? 0) : 0;
    counts.set(
      value.id,
      operands > 1 ? { layers: 0, products: macs } : { layers: macs, products: 0 },
    );
  }
  return counts;
}

/**
 * The most bytes of intermediate values that are alive at once, if every value is freed after its last use and nodes run in the order
 * of their creation. Values that only rename another one (reshape) cost nothing. An estimate: operators need scratch memory besides.
 */
export function peakBytes(graph: Graph): number {
  const root = (v: Value): Value =>
    v.source.kind === "node" && v.source.node.op.name === "reshape"
      ? root(v.source.node.inputs[0]!)
      : v;
  const lastUse = new Map<number, number>();
  for (const [i, { node }] of graph.nodes.entries()) {
    for (const operand of node.inputs) lastUse.set(root(operand).id, i);
  }
  for (const { value } of graph.outputs) lastUse.set(root(value).id, Infinity);

  const bytes = (v: Value): number => 4 * sizeOf(v.shape);
  let alive = 0;
  let peak = 0;
  for (const [i, { value, node }] of graph.nodes.entries()) {
    if (root(value) === value) alive += bytes(value);
    peak = Math.max(peak, alive);
    for (const operand of new Set(node.inputs.map(root))) {
      if (operand.source.kind === "node" && lastUse.get(operand.id) === i) alive -= bytes(operand);
    }
  }
  return peak;
}
