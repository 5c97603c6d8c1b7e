/** A graph: named outputs and everything they are made of, in order of creation. */
import { ArgumentError, InternalError } from "../base/errors.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import type { GraphNode, Value } from "./value.ts";

export interface Graph {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly value: Value }[];
  /** Values computed by nodes, each after its operands. */
  readonly nodes: readonly { readonly value: Value; readonly node: GraphNode }[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
}

/**
 * Collects what `outputs` depend on. Everything else is left out, so dead branches cost nothing.
 *
 * @throws {ArgumentError} if two inputs share a name, or an output has the name of an input that it is not.
 */
export function graphOf(name: string, outputs: Readonly<Record<string, Value>>): Graph {
  const seen = new Map<number, Value>();
  const stack = Object.values(outputs);
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value.id)) continue;
    seen.set(value.id, value);
    if (value.source.kind === "node") stack.push(...value.source.node.inputs);
  }
  const values = [...seen.values()].sort((a, b) => a.id - b.id);
  const inputs = new Map<string, Value>();
  const nodes: { value: Value; node: GraphNode }[] = [];
  for (const value of values) {
    if (value.source.kind === "input") {
      if (inputs.has(value.source.name)) {
        throw new ArgumentError(
          `graph ${name}: input names must be unique, got ${value.source.name} twice`,
        );
      }
      inputs.set(value.source.name, value);
    } else if (value.source.kind === "node") {
      nodes.push({ value, node: value.source.node });
    }
  }
  for (const [outputName, value] of Object.entries(outputs)) {
    if ((inputs.get(outputName) ?? value) !== value) {
      throw new ArgumentError(
        `graph ${name}: output names must differ from input names, got ${outputName} twice`,
      );
    }
  }
  const graph: Graph = {
    name,
    inputs: [...inputs].map(([inputName, value]) => ({ name: inputName, value })),
    nodes,
    outputs: Object.entries(outputs).map(([outputName, value]) => ({ name: outputName, value })),
  };
  validate(graph);
  return graph;
}

/**
 * Checks what every graph must hold: operands before results, whole positive dimensions, and shapes that still are
 * what the operator infers.
 *
 * @throws {InternalError} naming the node.
 */
export function validate(graph: Graph): void {
  const known = new Set(graph.inputs.map((i) => i.value.id));
  for (const { value, node } of graph.nodes) {
    const where = `graph ${graph.name}: ${node.op.name}${node.path ? ` at ${node.path}` : ""}`;
    for (const operand of node.inputs) {
      if (operand.source.kind !== "constant" && !known.has(operand.id)) {
        throw new InternalError(`${where}: operands must come before results, got a cycle`);
      }
    }
    if (!value.shape.every((d) => Number.isInteger(d) && d > 0)) {
      throw new InternalError(
        `${where}: dimensions must be whole and positive, got ${showShape(value.shape)}`,
      );
    }
    const inferred = node.op.infer(node.inputs, node.attributes);
    if (inferred.dtype !== value.dtype || !sameShape(inferred.shape, value.shape)) {
      throw new InternalError(
        `${where}: must stay ${showShape(inferred.shape)}, got ${showShape(value.shape)}`,
      );
    }
    known.add(value.id);
  }
}
