/** The part of the ONNX file format that graphs need: messages and their protobuf encoding. */
import { PbfWriter } from "pbf";
import type { DType } from "../tensor/tensor.ts";

/** Attribute of a node; the JavaScript type says which ONNX attribute type is written. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string }
  | { readonly graph: OnnxSubgraph };

/** The body of a loop. It may use values of the graph around it by name. */
export interface OnnxSubgraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

export interface OnnxNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** "" is the ONNX standard; "com.microsoft" ONNX Runtime's own operators. */
  readonly domain?: string;
  readonly name?: string;
}

/** Element types of a file: those of graphs, and those that only exported models use. */
export type ElementType = DType | "float64" | "float16" | "int8" | "uint16" | "int32";

/** Values stored in a model; of float16 the bits. */
export interface OnnxTensor {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: ElementType;
  /** A name stands for a size that is known only when the model runs. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  /** Version of the ai.onnx operator set. */
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Free text stored with the model. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Version of the program that made it. */
  readonly version?: string;
}

/** As the file format numbers them. */
export const ELEMENT_TYPE: Readonly<Record<ElementType, number>> = {
  ...{ float32: 1, uint8: 2, int8: 3, uint16: 4, int32: 6, int64: 7 },
  ...{ float16: 10, float64: 11 },
};
const IR_VERSION = 9;

/** What files of this program say that they are made by. */
export const producer = "sgdc";

/**
 * The model as the bytes of an `.onnx` file.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (field numbers)
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, producer);
  if (model.version !== undefined) pbf.writeStringField(3, model.version);
  pbf.writeMessage(7, writeGraph, model);
  const domains = new Set(["", ...domainsOf(model.nodes)]);
  for (const domain of domains) {
    pbf.writeMessage(8, writeOpset, { domain, version: domain === "" ? model.opset : 1 });
  }
  for (const [key, value] of Object.entries(model.metadata ?? {})) {
    pbf.writeMessage(14, writeEntry, { key, value });
  }
  return pbf.finish();
}

/** Domains of the nodes, and of those in the bodies of loops. */
const domainsOf = (nodes: readonly OnnxNode[]): string[] =>
  nodes.flatMap(({ domain = "", attributes = {} }) => [
    domain,
    ...Object.values(attributes).flatMap((a) => ("graph" in a ? domainsOf(a.graph.nodes) : [])),
  ]);

type WrittenGraph = OnnxSubgraph & Partial<Pick<OnnxModel, "initializers">>;

function writeGraph(graph: WrittenGraph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const [name, value] of graph.initializers ?? []) {
    pbf.writeMessage(5, writeTensor, { name, value });
  }
  for (const info of graph.inputs) pbf.writeMessage(11, writeValueInfo, info);
  for (const info of graph.outputs) pbf.writeMessage(12, writeValueInfo, info);
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const name of node.inputs) pbf.writeStringField(1, name);
  for (const name of node.outputs) pbf.writeStringField(2, name);
  if (node.name !== undefined) pbf.writeStringField(3, node.name);
  pbf.writeStringField(4, node.opType);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    pbf.writeMessage(5, writeAttribute, { name, value });
  }
  if (node.domain) pbf.writeStringField(7, node.domain);
}

const utf8 = new TextEncoder();

function writeAttribute(a: { name: string; value: Attribute }, pbf: PbfWriter): void {
  const { name, value } = a;
  pbf.writeStringField(1, name);
  if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, 1);
  } else if ("int" in value) {
    pbf.writeVarintField(3, value.int);
    pbf.writeVarintField(20, 2);
  } else if ("string" in value) {
    pbf.writeBytesField(4, utf8.encode(value.string));
    pbf.writeVarintField(20, 3);
  } else if ("graph" in value) {
    pbf.writeMessage(6, writeGraph, value.graph);
    pbf.writeVarintField(20, 5);
  } else {
    for (const item of value.ints) pbf.writeVarintField(8, item);
    pbf.writeVarintField(20, 7);
  }
}

function writeTensor(t: { name: string; value: OnnxTensor }, pbf: PbfWriter): void {
  const { name, value } = t;
  for (const d of value.shape) pbf.writeVarintField(1, d);
  pbf.writeVarintField(2, ELEMENT_TYPE[value.dtype]);
  pbf.writeStringField(8, name);
  const { buffer, byteOffset, byteLength } = value.data;
  pbf.writeBytesField(9, new Uint8Array(buffer, byteOffset, byteLength));
}

function writeValueInfo(info: OnnxValueInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, info.name);
  pbf.writeMessage(2, writeType, info);
}

function writeType(info: OnnxValueInfo, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, info);
}

function writeTensorType(info: OnnxValueInfo, pbf: PbfWriter): void {
  pbf.writeVarintField(1, ELEMENT_TYPE[info.dtype]);
  pbf.writeMessage(2, writeShape, info.shape);
}

function writeShape(shape: OnnxValueInfo["shape"], pbf: PbfWriter): void {
  for (const d of shape) pbf.writeMessage(1, writeDimension, d);
}

function writeDimension(size: number | string, pbf: PbfWriter): void {
  if (typeof size === "string") pbf.writeStringField(2, size);
  else pbf.writeVarintField(1, size);
}

function writeOpset(o: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, o.domain);
  pbf.writeVarintField(2, o.version);
}

function writeEntry(entry: { key: string; value: string }, pbf: PbfWriter): void {
  pbf.writeStringField(1, entry.key);
  pbf.writeStringField(2, entry.value);
}
