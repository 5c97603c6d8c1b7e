/** Writes a graph as an ONNX model. */
import type { Attribute, OnnxModel, OnnxNode } from "../onnx/proto.ts";
import type { Shape } from "../tensor/shape.ts";
import { InternalError } from "../base/errors.ts";
import { int64, tensor, type Tensor } from "../tensor/tensor.ts";
import { fuseNodes, namesIn } from "./fuseNodes.ts";
import type { Graph } from "./graph.ts";
import type { Emitter, Target, Value } from "./value.ts";

/** Opset of everything written: CUDA's batch norm and several kernels rule out newer ones. */
export const OPSET = 17;

export interface ToOnnxOptions {
  /** Default `cpu`. */
  readonly target?: Target;
  /** Whether the engine will run the nodes as they are written: those that the CPU has one fused operator for are joined here. */
  readonly asWritten?: boolean;
  /** Text stored with the model. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The ONNX form of a graph: inputs and outputs under their names, constants as initializers, nodes named by the path
 * of the block that made them (`sgdc1.mlp/Conv_12`, with a `grad:` prefix for the backward half).
 */
export function toOnnx(
  graph: Graph,
  { target = "cpu", asWritten = false, metadata = {} }: ToOnnxOptions = {},
): OnnxModel {
  const nodes: OnnxNode[] = [];
  // Where new nodes go: the graph, or the body of a loop.
  let place = nodes;
  // Nodes that a new one may be equal to: those of the same place.
  let known = new Map<string, string[]>();
  const initializers = new Map<string, Tensor>();
  const shared = new Map<string, string>();
  const constants = new Map<Tensor, string>();
  const names = new Map<number, string>();
  let label = "";
  // What is computed again must not be found equal to what was computed before.
  let again = false;
  let count = 0;

  const addConstant = (value: Tensor): string => {
    const known = constants.get(value);
    if (known !== undefined) return known;
    // Small tensors (axes, shapes, scalars) repeat often: one initializer for equal values.
    const key =
      value.data.length <= 16 ? `${value.dtype}${value.shape.join()}:${value.data.join()}` : null;
    let name = key === null ? undefined : shared.get(key);
    if (name === undefined) {
      name = `const_${initializers.size}`;
      initializers.set(name, value);
      if (key !== null) shared.set(key, name);
    }
    constants.set(value, name);
    return name;
  };

  const e: Emitter = {
    target,
    op: (opType, inputs, attributes, domain) => emitNode(opType, inputs, 1, attributes, domain)[0]!,
    ops: emitNode,
    body: emitBody,
    constant: addConstant,
    ints: (values) => addConstant(int64([values.length], values)),
    scalar: (value) => addConstant(tensor([], [value])),
  };

  function emitNode(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): string[] {
    const holdsBody = Object.values(attributes).some((a) => "graph" in a);
    const key = holdsBody
      ? null
      : JSON.stringify([opType, domain, inputs, outputs, attributes, again]);
    const equal = key !== null && known.get(key);
    if (equal) return equal;
    const id = count++;
    const made = Array.from({ length: outputs }, (_, i) => `${opType}_${id}${i ? `_${i}` : ""}`);
    place.push({ opType, inputs, outputs: made, attributes, domain, name: `${label}/${made[0]!}` });
    if (key !== null) known.set(key, made);
    return made;
  }

  function emitBody(
    shapes: readonly Shape[],
    build: (names: readonly string[]) => readonly (readonly [name: string, shape: Shape])[],
  ): Attribute {
    const outer = { place, known };
    const id = count++;
    const info = (name: string, shape: Shape) => ({ name, dtype: "float32" as const, shape });
    const inputs = shapes.map((shape, i) => info(`body_${id}_${i}`, shape));
    const inner: OnnxNode[] = (place = []);
    known = new Map();
    const outputs = build(inputs.map(({ name }) => name)).map(([name, shape]) => info(name, shape));
    ({ place, known } = outer);
    return { graph: { name: `body_${id}`, nodes: inner, inputs, outputs } };
  }

  const nameOf = (value: Value): string => {
    if (value.source.kind === "constant") return addConstant(value.source.tensor);
    const name = names.get(value.id);
    if (name === undefined)
      throw new InternalError(`graph ${graph.name}: value ${value.id} is unknown`);
    return name;
  };

  for (const { name, value } of graph.inputs) names.set(value.id, name);
  for (const { value, node } of graph.nodes) {
    again = node.again ?? false;
    label = `${node.backward ? "grad:" : ""}${node.path}`;
    const types = { inputs: node.inputs, output: value };
    names.set(value.id, node.op.emit(e, node.inputs.map(nameOf), node.attributes, types));
  }

  // Outputs carry the caller's names. A name made above is replaced; what cannot be renamed (an input, a constant, a
  // value that is an output twice) passes through Identity.
  label = "output";
  const made = new Set(nodes.flatMap((n) => n.outputs));
  const renamed = new Map<string, string>();
  for (const { name, value } of graph.outputs) {
    const inner = nameOf(value);
    if (made.has(inner) && !renamed.has(inner)) renamed.set(inner, name);
  }
  const current = (name: string): string => renamed.get(name) ?? name;
  const rename = (n: OnnxNode): OnnxNode => ({
    ...n,
    inputs: n.inputs.map(current),
    outputs: n.outputs.map(current),
    attributes: Object.fromEntries(
      Object.entries(n.attributes ?? {}).map(([key, a]) => [
        key,
        "graph" in a ? { graph: { ...a.graph, nodes: a.graph.nodes.map(rename) } } : a,
      ]),
    ),
  });
  const final = nodes.map(rename);
  for (const { name, value } of graph.outputs) {
    const inner = nameOf(value);
    if (current(inner) !== name) {
      final.push({
        opType: "Identity",
        inputs: [current(inner)],
        outputs: [name],
        name: `output/${name}`,
      });
    }
  }
  const wanted = new Set(graph.outputs.map(({ name }) => name));
  const joined = asWritten && target === "cpu" ? fuseNodes(final, wanted) : final;
  return {
    name: graph.name,
    opset: OPSET,
    nodes: lastFirst(joined),
    inputs: graph.inputs.map(({ name, value }) => ({
      name,
      dtype: value.dtype,
      shape: value.shape,
    })),
    outputs: graph.outputs.map(({ name, value }) => ({
      name,
      dtype: value.dtype,
      shape: value.shape,
    })),
    initializers,
    metadata,
  };
}

/**
 * The nodes whose results are outputs and nothing else's operands, moved to the end in reverse order.
 *
 * ONNX Runtime computes the last of such nodes first, with all that it depends on. In the order of creation that would be the gradient
 * of the first layer, and the gradients of all maps would have to wait in memory until the weights' gradients are computed from them.
 */
function lastFirst(nodes: readonly OnnxNode[]): OnnxNode[] {
  const used = new Set(namesIn(nodes));
  const isLeaf = ({ outputs }: OnnxNode): boolean => !outputs.some((name) => used.has(name));
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
}
