/** Writing ONNX nodes around a network: for what depends on sizes that are known only when the model runs. */
import {
  ELEMENT_TYPE,
  type Attribute,
  type ElementType,
  type OnnxNode,
  type OnnxTensor,
} from "../onnx/proto.ts";
import { int64 } from "../tensor/tensor.ts";

/** Collects nodes and constants. */
export interface NodeWriter {
  readonly nodes: OnnxNode[];
  readonly initializers: Map<string, OnnxTensor>;
  /** Adds a node with one output and returns the name of that output: `name` if it is given. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    name?: string,
  ): string;
  /** The value in another element type. */
  cast(value: string, to: ElementType, name?: string): string;
  /** Constants; those of one value have no axis. */
  ints(values: readonly number[]): string;
  int(value: number): string;
  doubles(shape: readonly number[], values: readonly number[]): string;
}

/** @param path  what the names of all nodes begin with */
export function nodeWriter(path: string): NodeWriter {
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const known = new Map<string, string>();
  const constant = (value: OnnxTensor, key: string): string => {
    const name = known.get(key) ?? `${path}/const_${known.size}`;
    known.set(key, name);
    initializers.set(name, value);
    return name;
  };
  const op: NodeWriter["op"] = (opType, inputs, attributes = {}, name) => {
    const output = name ?? `${path}/${opType}_${nodes.length}`;
    nodes.push({
      ...{ opType, inputs, outputs: [output], attributes },
      name: `${path}/${opType}_${nodes.length}`,
    });
    return output;
  };
  const ofInts = (shape: readonly number[], values: readonly number[]): string =>
    constant(int64(shape, values), `int64[${shape.join()}]${values.join()}`);
  return {
    nodes,
    initializers,
    op,
    cast: (value, to, name) => op("Cast", [value], { to: { int: ELEMENT_TYPE[to] } }, name),
    ints: (values) => ofInts([values.length], values),
    int: (value) => ofInts([], [value]),
    doubles: (shape, values) =>
      constant(
        { dtype: "float64", shape, data: Float64Array.from(values) },
        `float64[${shape.join()}]${values.join()}`,
      ),
  };
}
