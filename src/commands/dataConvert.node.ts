/** `sgdc data convert`: a data set in another form. */
import { z } from "zod";
import { convertDataset, targetForms } from "../data/convert/convertDataset.node.ts";
import { type Layout } from "../data/dataset.ts";
import { type LabelRules, parseColours } from "../data/labels/labelRules.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { openingOptions } from "../run/dataOptions.ts";
import { checkOptions, folderOption } from "../base/options.ts";

export const dataConvertSchema = z.strictObject({
  path: folderOption("folder of the data set"),
  to: z.enum(targetForms).describe("form to write"),
  out: folderOption("folder to write"),
  ...openingOptions,
  overwrite: z.boolean().default(false).describe("replace what is in the folder"),
  dropInstances: z
    .boolean()
    .default(false)
    .describe("write classes alone, without telling instances apart"),
  binarize: z
    .boolean()
    .default(false)
    .describe("masks with soft edges: from half of white on foreground; colours: the nearest one"),
  colour: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("class of each colour of the masks, as red=1,ff8000=2; black is the background"),
  ignoreAlpha: z.boolean().default(false).describe("read masks as if they were opaque"),
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

const rulesOf = ({
  binarize,
  colour,
  ignoreAlpha,
}: z.output<typeof dataConvertSchema>): LabelRules => ({
  ...(binarize && { binarize }),
  ...(colour && { colours: parseColours(colour) }),
  ...(ignoreAlpha && { ignoreAlpha }),
});

/**
 * Converts a data set of any layout, losslessly: pixels of labels, names, classes, instances, parts and
 * groups stay. Only where labels are read by rules (binarize, colour, ignoreAlpha) are others written.
 *
 * @throws {ArgumentError} for unusable options, and as `convertDataset`.
 * @throws {DataError} for data that cannot be read or written.
 */
export async function dataConvert(
  options: DataConvertOptions,
  { onProgress, signal }: DataConvertHooks = {},
): Promise<DataConvertResult> {
  const checked = checkOptions(dataConvertSchema, options, "options of data convert");
  const { path, to, out, overwrite, dropInstances } = checked;
  const rules = rulesOf(checked);
  const dataset = await openDataset(path, { ...checked, rules });
  const { layout, classes, instances, train, validation, test } = dataset;
  const total = train.length + validation.length + test.length;
  let done = 0;
  const written = await convertDataset(dataset, to, out, {
    overwrite,
    dropInstances,
    rules,
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
