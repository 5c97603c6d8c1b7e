/** The header of a safetensors file: read with distrust, written plainly. */
import { DataError } from "../base/errors.ts";
import { parseJson } from "../base/json.ts";
import { findDuplicateKey } from "../base/jsonKeys.ts";
import { elementTypes } from "./safetensorsDtypes.ts";
import { showShape, sizeOf, type Shape } from "./shape.ts";

/** Where one tensor lies; `begin` and `end` count bytes from the start of the data. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/** What a header says; `entries` are in the order of the file. */
export interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of the length field in front of the header. */
export const lengthFieldBytes = 8;

/** Longer headers are refused, as the reference implementation does: nobody has that many tensors. */
const maxHeaderBytes = 100_000_000;

/**
 * Length of the header from the first eight bytes: unsigned 64-bit, little-endian.
 *
 * @param start      the first bytes of the file, at least 8 unless the file is shorter
 * @param fileBytes  size of the whole file
 * @param file       name for messages
 * @throws {DataError} if the file is shorter than that, or the header absurdly long.
 */
export function headerLength(start: Uint8Array, fileBytes: number, file: string): number {
  if (start.length < lengthFieldBytes) {
    throw new DataError(
      `${file}: a safetensors file must have at least 8 bytes, got ${start.length}`,
    );
  }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw new DataError(
      `${file}: header must be at most ${maxHeaderBytes} bytes, got ${length.toString()}; is this a safetensors file?`,
    );
  }
  if (Number(length) > fileBytes - lengthFieldBytes) {
    throw new DataError(
      `${file}: header must lie within the file of ${fileBytes} bytes, got a length of ${length.toString()}; the file is truncated or no safetensors file`,
    );
  }
  return Number(length);
}

/**
 * Reads and checks a header: names unique, types known, every tensor as long as its shape says,
 * and all of them side by side from the first to the last byte of the data.
 *
 * @param json       the header's bytes
 * @param dataBytes  bytes of data that follow it in the file
 * @param file       name for messages
 * @throws {DataError} if any of this does not hold, naming the tensor.
 */
export function parseHeader(json: Uint8Array, dataBytes: number, file: string): SafetensorsHeader {
  const text = decodeText(json, file);
  const root = asObject(jsonOf(text, file), `${file}: header`);
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new DataError(`${file}: every name must occur once, got "${duplicate}" twice`);
  }
  const metadata = new Map<string, string>();
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(root)) {
    if (name !== "__metadata__") entries.push(parseEntry(name, value, file));
    else readMetadata(value, metadata, file);
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, dataBytes, file);
  return { entries, metadata };
}

/** The length field and the header for float32 tensors stored one after another, padded to 8 bytes. */
export function encodeHeader(
  shapes: ReadonlyMap<string, Shape>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  // Object.fromEntries defines own properties, so even "__proto__" is an ordinary name.
  const fields: [string, unknown][] = [];
  if (metadata.size > 0) fields.push(["__metadata__", Object.fromEntries(metadata)]);
  let begin = 0;
  for (const [name, shape] of shapes) {
    const end = begin + 4 * sizeOf(shape);
    fields.push([name, { dtype: "F32", shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields)));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(lengthFieldBytes + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, lengthFieldBytes);
  return bytes;
}

function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DataError(`${file}: header must be UTF-8 text, got other bytes`, { cause });
  }
}

function jsonOf(text: string, file: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const start = JSON.stringify(text.slice(0, 20));
    throw new DataError(`${file}: header must be JSON, got ${start}...`, { cause });
  }
}

function asObject(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DataError(`${where} must be a JSON object, got ${kindOf(value)}`);
  }
  return value as Record<string, unknown>;
}

function parseEntry(name: string, value: unknown, file: string): SafetensorsEntry {
  const where = `${file}: tensor "${name}"`;
  const { dtype, shape, data_offsets: offsets } = asObject(value, where);
  const element = typeof dtype === "string" ? elementTypes.get(dtype) : undefined;
  if (typeof dtype !== "string" || !element) {
    const known = [...elementTypes.keys()].join(", ");
    throw new DataError(`${where}: dtype must be one of ${known}, got ${kindOf(dtype)}`);
  }
  if (!isCounts(shape)) {
    throw new DataError(`${where}: shape must be a list of sizes, got ${kindOf(shape)}`);
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw new DataError(
      `${where}: data_offsets must be two byte positions, got ${kindOf(offsets)}`,
    );
  }
  const [begin = 0, end = 0] = offsets;
  const bytes = sizeOf(shape) * element.bytes;
  if (end - begin !== bytes) {
    throw new DataError(
      `${where}: ${dtype} ${showShape(shape)} must take ${bytes} bytes, got ${end - begin} (offsets ${begin} to ${end})`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function readMetadata(value: unknown, into: Map<string, string>, file: string): void {
  for (const [key, text] of Object.entries(asObject(value, `${file}: __metadata__`))) {
    if (typeof text !== "string") {
      throw new DataError(`${file}: metadata "${key}" must be text, got ${kindOf(text)}`);
    }
    into.set(key, text);
  }
}

function checkLayout(entries: readonly SafetensorsEntry[], dataBytes: number, file: string): void {
  let at = 0;
  let previous = "";
  for (const { name, begin, end } of entries) {
    if (begin !== at) {
      const what = begin < at ? `overlaps "${previous}", which ends at ${at}` : `leaves a hole`;
      throw new DataError(
        `${file}: tensor "${name}" must begin at byte ${at} of the data, got ${begin}: it ${what}`,
      );
    }
    at = end;
    previous = name;
  }
  if (at !== dataBytes) {
    const hint = at > dataBytes ? "; the file is truncated" : "; something follows the last tensor";
    throw new DataError(
      `${file}: data must have ${at} bytes by its header, got ${dataBytes}${hint}`,
    );
  }
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((d) => Number.isSafeInteger(d) && (d as number) >= 0);

const kindOf = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
};
