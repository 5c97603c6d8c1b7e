/** A graph as text, one line a node. */
import { showShape } from "../tensor/shape.ts";
import type { Graph } from "./graph.ts";
import type { Value } from "./value.ts";

/**
 * Prints a graph for people:
 *
 * ```
 * graph example
 *   in   x          float32 [1, 3, 8, 8]
 *   %4 = conv2d(x, %3) {"stride":2}  float32 [1, 8, 4, 4]   # resnet.conv1.0
 *   out  y = %4
 * ```
 */
export function printGraph(graph: Graph): string {
  const show = (v: Value): string => {
    if (v.source.kind === "input") return v.source.name;
    if (v.source.kind === "constant") return `const${showShape(v.shape)}`;
    return `%${v.id}`;
  };
  return [
    `graph ${graph.name}`,
    ...graph.inputs.map((i) => `  in   ${i.name}  ${i.value.dtype} ${showShape(i.value.shape)}`),
    ...graph.nodes.map(({ value, node }) => {
      const attributes = Object.keys(node.attributes).length
        ? ` ${JSON.stringify(node.attributes)}`
        : "";
      const place =
        node.path || node.backward ? `   # ${node.path}${node.backward ? " (backward)" : ""}` : "";
      return `  %${value.id} = ${node.op.name}(${node.inputs.map(show).join(", ")})${attributes}  ${value.dtype} ${showShape(value.shape)}${place}`;
    }),
    ...graph.outputs.map((o) => `  out  ${o.name} = ${show(o.value)}`),
  ].join("\n");
}
