/** Joins nodes into the fused operators of ONNX Runtime's CPU provider, for graphs that the engine is told to run as they are written. */
import type { Attribute, OnnxNode } from "../onnx/proto.ts";

/**
 * A convolution with the ReLU after it becomes one node, and so does a matrix product with transpositions of its last two axes
 * before it: what moves memory and computes nothing goes. What is left without a use is dropped.
 *
 * @param outputs  names that must still be made
 */
export function fuseNodes(
  nodes: readonly OnnxNode[],
  outputs: ReadonlySet<string>,
): readonly OnnxNode[] {
  const madeBy = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const uses = new Map<string, number>();
  for (const name of namesIn(nodes)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const fused = nodes.map((node): OnnxNode => {
    if (node.opType === "Relu") {
      const [x = ""] = node.inputs;
      const conv = madeBy.get(x);
      if (conv?.opType !== "Conv" || uses.get(x) !== 1 || outputs.has(x)) return node;
      const attributes = { ...conv.attributes, activation: { string: "Relu" } };
      return { ...node, opType: "FusedConv", domain: MICROSOFT, inputs: conv.inputs, attributes };
    }
    if (node.opType === "MatMul") {
      const operands = node.inputs.map((name) => {
        const maker = madeBy.get(name);
        return maker && swapsLastTwo(maker) ? { name: maker.inputs[0]!, swapped: true } : { name };
      });
      if (!operands.some(({ swapped }) => swapped)) return node;
      const attributes: Record<string, Attribute> = {};
      if (operands[0]?.swapped) attributes["transA"] = { int: 1 };
      if (operands[1]?.swapped) attributes["transB"] = { int: 1 };
      const inputs = operands.map(({ name }) => name);
      return { ...node, opType: "FusedMatMul", domain: MICROSOFT, inputs, attributes };
    }
    return node;
  });
  return withoutUnused(fused, outputs);
}

const MICROSOFT = "com.microsoft";

/** Whether a node exchanges the last two axes and leaves all others in place. */
function swapsLastTwo({ opType, attributes = {} }: OnnxNode): boolean {
  const { perm } = attributes;
  if (opType !== "Transpose" || !perm || !("ints" in perm)) return false;
  const { ints } = perm;
  const rank = ints.length;
  const swapped = (i: number): number => (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2);
  return ints.every((axis, i) => axis === swapped(i));
}

/** Nodes come after those whose results they use, so that one sweep from the end finds all that is needed. */
function withoutUnused(nodes: readonly OnnxNode[], outputs: ReadonlySet<string>): OnnxNode[] {
  const needed = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of namesIn([node])) needed.add(name);
    return true;
  });
  return kept.reverse();
}

/** Names that nodes use, those in the bodies of loops included. */
export function* namesIn(nodes: readonly OnnxNode[]): Iterable<string> {
  for (const { inputs, attributes = {} } of nodes) {
    yield* inputs;
    for (const a of Object.values(attributes)) {
      if (!("graph" in a)) continue;
      yield* namesIn(a.graph.nodes);
      yield* a.graph.outputs.map(({ name }) => name);
    }
  }
}
