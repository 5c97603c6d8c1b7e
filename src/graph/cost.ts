/** What a graph costs: memory while it runs. */
import { sizeOf } from "../tensor/shape.ts";
import type { Graph } from "./graph.ts";
import type { Value } from "./value.ts";

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
