/** Reading a model that `sgdc export` wrote. */
import { z } from "zod";
import { DataError } from "../base/errors.ts";
import { fileReason, readWholeFile } from "../base/files.node.ts";
import { parseJson } from "../base/json.ts";
import { producer } from "../onnx/proto.ts";
import { ModelFormatError, readModelHeader, type ModelHeader } from "../onnx/readModel.ts";
import type { EncodedModel } from "../runtime/nodeRuntime.node.ts";
import { exportFactsSchema, exportFormat, formatKey, type ExportFacts } from "./metadata.ts";

export interface OpenedExport {
  readonly exported: ExportFacts;
  readonly model: EncodedModel;
}

/**
 * A model and what it says of itself.
 *
 * @throws {DataError} if the file cannot be read, is cut short, or is of another program or form.
 */
export async function openExported(path: string): Promise<OpenedExport> {
  let bytes: Uint8Array;
  try {
    bytes = await readWholeFile(path);
  } catch (cause) {
    throw new DataError(`${path}: must be a model of sgdc export, got ${fileReason(cause)}`, {
      cause,
    });
  }
  const header = headerOf(bytes, path);
  const format = header.metadata.get(formatKey);
  if (format !== exportFormat) {
    const maker = header.producer === "" ? "an unnamed program" : header.producer;
    const got =
      header.producer === producer && format !== undefined ? `format ${format}` : `one of ${maker}`;
    throw new DataError(
      `${path}: must be a model of sgdc export, format ${exportFormat}, got ${got}; take one written by sgdc export, or a checkpoint`,
    );
  }
  const { name, inputs, outputs } = header;
  return {
    exported: factsIn(header.metadata.get("sgdc.facts") ?? "", path),
    model: { name, inputs, outputs, bytes },
  };
}

function headerOf(bytes: Uint8Array, path: string): ModelHeader {
  try {
    return readModelHeader(bytes);
  } catch (cause) {
    // Beyond the end of its bytes the reader throws errors of its own.
    const got = cause instanceof ModelFormatError ? cause.message : "no ONNX model";
    throw new DataError(`${path}: must be a whole ONNX model, got ${got}; export it again`, {
      cause,
    });
  }
}

function factsIn(text: string, path: string): ExportFacts {
  try {
    return exportFactsSchema.parse(parseJson(text));
  } catch (cause) {
    const got = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new DataError(
      `${path}: the model's own description must be one that this version knows, got: ${got}; export it again`,
      { cause },
    );
  }
}
