/** The safetensors file format in memory: named float32 tensors and text metadata to bytes and back. */
import { ShapeError } from "../base/errors.ts";
import { elementTypes } from "./safetensorsDtypes.ts";
import {
  encodeHeader,
  headerLength,
  lengthFieldBytes,
  parseHeader,
  type SafetensorsEntry,
} from "./safetensorsHeader.ts";
import { showShape, sizeOf, type Shape } from "./shape.ts";
import { tensor, type Tensor } from "./tensor.ts";

/** Contents of a file: tensors by name, in the order of the file, and metadata. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor<"float32">>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * The bytes of a file: length of the header, header (JSON), data.
 *
 * @param contents  tensors, written as F32 in the order given; metadata may be left out
 */
export function encodeSafetensors(
  contents: Pick<Safetensors, "tensors"> & Partial<Safetensors>,
): Uint8Array {
  const chunks = [...safetensorsChunks(contents)];
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * The same bytes piece by piece, the header first, then one view per tensor: nothing is copied,
 * so that a file of any size can be written without holding it twice.
 *
 * @throws {ShapeError} if a tensor's values do not fill its shape.
 */
export function* safetensorsChunks(
  contents: Pick<Safetensors, "tensors"> & Partial<Safetensors>,
): Generator<Uint8Array> {
  const shapes = new Map<string, Shape>();
  for (const [name, { shape, data }] of contents.tensors) {
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(
        `tensor "${name}": ${showShape(shape)} must have ${sizeOf(shape)} values, got ${data.length}`,
      );
    }
    shapes.set(name, shape);
  }
  yield encodeHeader(shapes, contents.metadata);
  for (const { data } of contents.tensors.values()) {
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
}

/**
 * Reads a whole file from memory; the values are copied.
 *
 * @param bytes  the file
 * @param file   its name, for messages
 * @throws {DataError} if the file is damaged or no safetensors file; see `parseHeader`.
 */
export function decodeSafetensors(bytes: Uint8Array, file = "safetensors"): Safetensors {
  const dataStart = lengthFieldBytes + headerLength(bytes, bytes.length, file);
  const json = bytes.subarray(lengthFieldBytes, dataStart);
  const { entries, metadata } = parseHeader(json, bytes.length - dataStart, file);
  const tensors = new Map<string, Tensor<"float32">>();
  for (const entry of entries) {
    const values = new Float32Array(sizeOf(entry.shape));
    readElements(entry, bytes.subarray(dataStart + entry.begin, dataStart + entry.end), values, 0);
    tensors.set(entry.name, tensor(entry.shape, values));
  }
  return { tensors, metadata };
}

/** Reads a run of whole elements into `values` from index `at` on; see `elementTypes` for rounding. */
export function readElements(
  entry: SafetensorsEntry,
  bytes: Uint8Array,
  values: Float32Array,
  at: number,
): void {
  const element = elementTypes.get(entry.dtype)!;
  if (entry.dtype === "F32") {
    new Uint8Array(values.buffer, values.byteOffset + 4 * at, bytes.length).set(bytes);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / element.bytes;
  for (let i = 0; i < count; i++) values[at + i] = element.read(view, i * element.bytes);
}
