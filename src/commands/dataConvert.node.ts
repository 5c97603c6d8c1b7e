/** `sgdc data convert`: a data set in another form. */
import { z } from "zod";
import { convertDataset, targetForms } from "../data/convert/convertDataset.node.ts";
import { type Layout, labelKinds } from "../data/dataset.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { checkOptions, folderOption } from "../base/options.ts";

export const dataConvertSchema = z.strictObject({
  path: folderOption("folder of the data set"),
  to: z.enum(targetForms).describe("form to write"),
  out: folderOption("folder to write"),
  labels: z
    .enum(labelKinds)
    .default("auto")
    .describe("what mask files of folders hold; auto: looked up in some of them"),
  overwrite: z.boolean().default(false).describe("replace what is in the folder"),
  dropInstances: z
    .boolean()
    .default(false)
    .describe("write classes alone, without telling instances apart"),
});

export type DataConvertOptions = z.input<typeof dataConvertSchema>;

export interface DataConvertResult {
  readonly out: string;
  readonly from: Layout;
  readonly to: (typeof targetForms)[number];
  readonly classes: readonly string[];
  readonly instances: boolean;
  readonly parts: { readonly train: number; readonly validation: number; readonly test: number };
  /** Images that went over byte for byte. */
  readonly copied: number;
  /** Images that were written anew as PNG. */
  readonly encoded: number;
}

export interface DataConvertHooks {
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the conversion; nothing of it stays. */
  readonly signal?: AbortSignal;
}

/**
 * Converts a data set of any layout, losslessly: pixels of labels, names, classes, instances, parts and
 * groups stay.
 *
 * @throws {ArgumentError} for unusable options, and as `convertDataset`.
 * @throws {DataError} for data that cannot be read or written.
 */
export async function dataConvert(
  options: DataConvertOptions,
  { onProgress, signal }: DataConvertHooks = {},
): Promise<DataConvertResult> {
  const checked = checkOptions(dataConvertSchema, options, "options of data convert");
  const { path, to, out, labels, overwrite, dropInstances } = checked;
  const dataset = await openDataset(path, { labels });
  const { layout, classes, instances, train, validation, test } = dataset;
  const total = train.length + validation.length + test.length;
  let done = 0;
  const written = await convertDataset(dataset, to, out, {
    overwrite,
    dropInstances,
    ...(signal && { signal }),
    onSample: () => onProgress?.(++done, total),
  });
  return {
    out,
    from: layout,
    to,
    classes,
    instances: instances && !dropInstances,
    parts: { train: train.length, validation: validation.length, test: test.length },
    ...written,
  };
}
