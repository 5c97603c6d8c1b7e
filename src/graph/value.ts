/** Values, nodes and operator definitions: the grammar of a graph. */
import type { Attribute } from "../onnx/proto.ts";
import { SgdcError, ShapeError } from "../base/errors.ts";
import { showShape, type Shape } from "../tensor/shape.ts";
import type { DType, Tensor } from "../tensor/tensor.ts";

/** What is known of a value before it is computed. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Where a value comes from. */
export type Source =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "constant"; readonly tensor: Tensor }
  | { readonly kind: "node"; readonly node: GraphNode };

/** An edge of the graph. `id` grows with creation, so inputs have smaller ids than what is made of them. */
export interface Value extends TensorType {
  readonly id: number;
  readonly source: Source;
}

/** One application of an operator. */
export interface GraphNode {
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly attributes: object;
  /** Dotted path of the block that made it, e.g. `sgdc1.mlp`; "" outside blocks. */
  readonly path: string;
  /** True for nodes made by `backward`. */
  readonly backward: boolean;
  /** True for nodes that compute once more what another one has computed, see `recompute`. */
  readonly again?: boolean;
}

/** Where a graph will run: `cpu` may use operators that ONNX Runtime has on the CPU alone. */
export type Target = "cpu" | "portable";

/** Collects the ONNX nodes of one operator while a graph is written. */
export interface Emitter {
  /** Operators of ONNX Runtime's CPU provider may be used, or only those that every provider has. */
  readonly target: Target;
  /** Adds a node with one output and returns the name of that output. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    domain?: string,
  ): string;
  /** Adds a node with so many outputs and returns their names, wanted or not. */
  ops(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: Readonly<Record<string, Attribute>>,
    domain?: string,
  ): string[];
  /**
   * The body of a loop, as the attribute of the node that runs it. Nodes added by `build` belong to the body; they may use names
   * from outside.
   *
   * @param inputs  float32 shapes of what the body is given
   * @param build   from the names of these to the names of what the body gives, and its shapes
   */
  body(
    inputs: readonly Shape[],
    build: (names: readonly string[]) => readonly (readonly [name: string, shape: Shape])[],
  ): Attribute;
  /** Name of an initializer with these values; equal tensors share one. */
  constant(value: Tensor): string;
  /** Shorthands for constants. */
  ints(values: readonly number[]): string;
  scalar(value: number): string;
}

/** One `T` for each operand: as many as the operator takes. */
type ForEach<I extends readonly Value[], T> = { readonly [K in keyof I]: T };

/** Types of the operands and the result, at hand while emitting. */
export interface NodeTypes<I extends readonly Value[] = readonly Value[]> {
  readonly inputs: ForEach<I, TensorType>;
  readonly output: TensorType;
}

/** An operator: everything about it in one place. */
export interface OpDefinition<I extends readonly Value[], A extends object> {
  readonly name: string;
  /** Dtype and shape of the result. @throws {ShapeError} stating the mismatch; `apply` adds the operands. */
  infer(inputs: I, attributes: A): TensorType;
  /** Adds ONNX nodes and returns the name of the result. */
  emit(e: Emitter, inputs: ForEach<I, string>, attributes: A, types: NodeTypes<I>): string;
  /** Multiply-accumulates, of convolutions and matrix products; what is left out counts as none. */
  macs?(inputs: ForEach<I, TensorType>, output: TensorType): number;
  /**
   * Gradient of the loss with respect to each input, `null` for inputs without a derivative.
   * May have the broadcast shape: `backward` sums over broadcast axes.
   */
  grad(
    inputs: I,
    dy: Value,
    context: {
      readonly output: Value;
      readonly attributes: A;
      readonly needs: (input: number) => boolean;
    },
  ): readonly (Value | null)[];
}

// The stored form forgets the tuple type of the inputs; `defineOp` and `apply` keep it at the surface.
export interface Op {
  readonly name: string;
  infer(inputs: readonly Value[], attributes: object): TensorType;
  emit(e: Emitter, inputs: readonly string[], attributes: object, types: NodeTypes): string;
  macs?(inputs: readonly TensorType[], output: TensorType): number;
  grad(
    inputs: readonly Value[],
    dy: Value,
    context: {
      readonly output: Value;
      readonly attributes: object;
      readonly needs: (input: number) => boolean;
    },
  ): readonly (Value | null)[];
}

/** Declares an operator; see `ops/matmul.ts` for a short example. */
export const defineOp = <I extends readonly Value[], A extends object = object>(
  definition: OpDefinition<I, A>,
): OpDefinition<I, A> => definition;

let nextId = 0;
let currentPath = "";
let inBackward = false;

/** Runs `build` with nodes labelled by `path`; block wrappers and `backward` use it. */
export function withPath<T>(path: string, build: () => T, backward = inBackward): T {
  const [outerPath, outerBackward] = [currentPath, inBackward];
  [currentPath, inBackward] = [path, backward];
  try {
    return build();
  } finally {
    [currentPath, inBackward] = [outerPath, outerBackward];
  }
}

/** A value fed at every run. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Value {
  return { id: nextId++, dtype, shape, source: { kind: "input", name } };
}

/** A value known when the graph is built. */
export function constant(tensor: Tensor): Value {
  return {
    id: nextId++,
    dtype: tensor.dtype,
    shape: tensor.shape,
    source: { kind: "constant", tensor },
  };
}

/**
 * Applies an operator to values.
 *
 * @throws {ShapeError} with the operator, its place and its operands, if they do not fit.
 */
export function apply<I extends readonly Value[], A extends object>(
  definition: OpDefinition<I, A>,
  inputs: I,
  attributes: A,
): Value;
export function apply<I extends readonly Value[]>(
  definition: OpDefinition<I, object>,
  inputs: I,
): Value;
export function apply(op: Op, inputs: readonly Value[], attributes: object = {}): Value {
  let type: TensorType;
  try {
    type = op.infer(inputs, attributes);
  } catch (error) {
    if (!(error instanceof SgdcError)) throw error;
    const place = currentPath ? ` at ${currentPath}` : "";
    const operands = inputs.map((v, i) => `\n  input ${i}  ${v.dtype} ${showShape(v.shape)}`);
    throw new ShapeError(`${op.name}${place}: ${error.message}${operands.join("")}`, {
      cause: error,
    });
  }
  const node: GraphNode = { op, inputs, attributes, path: currentPath, backward: inBackward };
  return { id: nextId++, dtype: type.dtype, shape: type.shape, source: { kind: "node", node } };
}

/** A value made as `value` is, from other operands of the same types; `again`: for the backward half, once more. */
export function withOperands(value: Value, inputs: readonly Value[], again = false): Value {
  const { dtype, shape, source } = value;
  if (source.kind !== "node") return value;
  const node = { ...source.node, inputs, ...(again && { again, backward: true }) };
  return { id: nextId++, dtype, shape, source: { kind: "node", node } };
}

/** Gradient of operators that only occur in gradients. */
export function noSecondDerivative(name: string) {
  return (): never => {
    throw new ShapeError(`${name}: second derivatives are not available`);
  };
}
