/** Host arrays: dtype, shape and a typed array in row-major order. */
import { ShapeError } from "../base/errors.ts";
import { sizeOf, type Shape } from "./shape.ts";

/** Element types that the graphs use; names as in ONNX Runtime's JavaScript interface. */
export type DType = "float32" | "int64" | "uint8";

/** Typed array of each dtype. */
export interface DataOf {
  float32: Float32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
}

/** A host array; `data.length` is the product of `shape`. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly data: DataOf[D];
}

/** Weights and the like by name, in the order of their file. */
export type NamedTensors = ReadonlyMap<string, Tensor<"float32">>;

/**
 * A float32 tensor over `data`, which is not copied.
 *
 * @param shape  dimensions; `[]` is a scalar
 * @param data   values in row-major order
 * @throws {ShapeError} if the number of values is not the product of the shape.
 */
export function tensor(shape: Shape, data: Float32Array | readonly number[]): Tensor<"float32"> {
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(
      `tensor: [${shape.join(", ")}] needs ${sizeOf(shape)} values, got ${values.length}`,
    );
  }
  return { dtype: "float32", shape, data: values };
}

/** A float32 tensor of one repeated value. */
export function full(shape: Shape, value: number): Tensor<"float32"> {
  return { dtype: "float32", shape, data: new Float32Array(sizeOf(shape)).fill(value) };
}

/** An int64 tensor, as ONNX wants shapes, axes and indices. */
export function int64(shape: Shape, data: readonly number[]): Tensor<"int64"> {
  return { dtype: "int64", shape, data: BigInt64Array.from(data, BigInt) };
}
