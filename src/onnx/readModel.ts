/** What an ONNX file says of itself: maker, metadata, inputs and outputs; nodes and weights are passed over. */
import { PbfReader } from "pbf";
import { ELEMENT_TYPE, type ElementType, type OnnxValueInfo } from "./proto.ts";

export interface ModelHeader {
  readonly producer: string;
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** Bytes that are no ONNX file, or not all of one. */
export class ModelFormatError extends Error {}

type Field = (tag: number, pbf: PbfReader) => void;

/**
 * Reads the header of an ONNX file.
 *
 * @throws {ModelFormatError} if the bytes end early or are no such file.
 */
export function readModelHeader(bytes: Uint8Array): ModelHeader {
  const header = {
    ...{ producer: "", name: "" },
    metadata: new Map<string, string>(),
    inputs: [] as OnnxValueInfo[],
    outputs: [] as OnnxValueInfo[],
  };
  const pbf = new PbfReader(bytes);
  let graphs = 0;
  fields(pbf, bytes.length, (tag) => {
    if (tag === 2) header.producer = pbf.readString();
    else if (tag === 7) {
      graphs++;
      message(pbf, (inner) => {
        if (inner === 2) header.name = pbf.readString();
        else if (inner === 11) header.inputs.push(valueInfo(pbf));
        else if (inner === 12) header.outputs.push(valueInfo(pbf));
      });
    } else if (tag === 14) {
      let [key, value] = ["", ""];
      message(pbf, (inner) => {
        if (inner === 1) key = pbf.readString();
        else if (inner === 2) value = pbf.readString();
      });
      header.metadata.set(key, value);
    }
  });
  if (graphs !== 1) throw new ModelFormatError("no ONNX model");
  return header;
}

/** Gives each field up to `end` to `read`; what that leaves unread is passed over. */
function fields(pbf: PbfReader, end: number, read: Field): void {
  while (pbf.pos < end) {
    const tag = pbf.nextField(end);
    const start = pbf.pos;
    if (tag < 1 || pbf.type > 5 || pbf.type === 3 || pbf.type === 4) {
      throw new ModelFormatError("no ONNX model");
    }
    if (pbf.type === 2) {
      const length = pbf.readVarint();
      if (pbf.pos + length > end) throw new ModelFormatError("a file that ends early");
      pbf.pos = start;
    }
    read(tag, pbf);
    if (pbf.pos === start) pbf.skip((tag << 3) | pbf.type);
  }
  if (pbf.pos !== end) throw new ModelFormatError("a file that ends early");
}

function message(pbf: PbfReader, read: Field): void {
  const length = pbf.readVarint();
  fields(pbf, pbf.pos + length, read);
}

const typeOf = (number: number): ElementType => {
  const found = Object.entries(ELEMENT_TYPE).find(([, value]) => value === number);
  if (!found) throw new ModelFormatError(`values of unknown type ${number}`);
  return found[0] as ElementType;
};

function valueInfo(pbf: PbfReader): OnnxValueInfo {
  let name = "";
  let dtype: ElementType = "float32";
  const shape: (number | string)[] = [];
  message(pbf, (tag) => {
    if (tag === 1) name = pbf.readString();
    if (tag !== 2) return;
    message(pbf, (kind) => {
      if (kind !== 1) return;
      message(pbf, (part) => {
        if (part === 1) dtype = typeOf(pbf.readVarint());
        if (part !== 2) return;
        message(pbf, (dimension) => {
          if (dimension !== 1) return;
          let size: number | string = "";
          message(pbf, (form) => {
            if (form === 1) size = pbf.readVarint();
            else if (form === 2) size = pbf.readString();
          });
          shape.push(size);
        });
      });
    });
  });
  return { name, dtype, shape };
}
