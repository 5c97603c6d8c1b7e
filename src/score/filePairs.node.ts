/** Label files of two folders as a source of pairs to score. */
import type { SpacingSurvey } from "../data/images/spacing.node.ts";
import { labelsPath, readLabelSource } from "../data/labels/readLabelSource.node.ts";
import { resizeLabels } from "../data/images/resize.ts";
import { surveySpacings } from "../data/images/spacing.node.ts";
import { DataError } from "../base/errors.ts";
import type { Labels } from "../tensor/raster.ts";
import type { FilePair, FindImage } from "./pairFiles.node.ts";
import type { LabelPair, PairSource, PairView } from "./scorePairs.ts";

export interface FilePairOptions {
  /** What the user gave, for messages. */
  readonly predictions: string;
  readonly truths: string;
  /** Height and width to score at, both resized by nearest neighbour; default: the truths' own. */
  readonly scoreSize?: number;
  /** The images, to draw on; default: none. */
  readonly findImage?: FindImage;
}

/**
 * Reads pairs of label files, the next one while a pair is scored.
 *
 * Its `pairs` throw a DataError if a file cannot be read, the two of a pair differ in size (unless they are
 * resized), or all instance maps turn out to be masks; its `view` if an image has another size than its truth.
 */
export function filePairs(files: readonly FilePair[], options: FilePairOptions): PairSource {
  const { predictions, truths, scoreSize, findImage } = options;
  const load = async ({ prediction, truth }: FilePair) => {
    const [p, t] = await Promise.all([readLabelSource(prediction), readLabelSource(truth)]);
    if (scoreSize === undefined) sameSize(labelsPath(prediction), p, labelsPath(truth), t);
    return { p, t };
  };
  return {
    count: files.length,
    where: truths,
    spacings: (): Promise<SpacingSurvey> =>
      surveySpacings(files.map(({ truth }) => labelsPath(truth))),
    async *pairs(): AsyncGenerator<LabelPair> {
      let numbered = files.every(({ truth }) => truth.kind !== "instanceMap");
      for await (const [{ name, prediction }, { p, t }] of ahead(files, load)) {
        numbered ||= [p, t].some(hasIds);
        const [width, height] = [scoreSize ?? t.width, scoreSize ?? t.height];
        const [scored, against] = [resizeLabels(p, width, height), resizeLabels(t, width, height)];
        const native = { width: t.width, height: t.height };
        const path = labelsPath(prediction);
        yield { name, prediction: scored, truth: against, native, path };
      }
      if (!numbered)
        throw new DataError(
          `${truths}: instance maps must number their instances, got 0 and 255 alone in all of ` +
            `${predictions} and ${truths}, which are masks; leave --instances out`,
        );
    },
    async view(name): Promise<PairView> {
      const pair = files.find((candidate) => candidate.name === name)!;
      const truth = await readLabelSource(pair.truth);
      const { width, height } = truth;
      const prediction = resizeLabels(await readLabelSource(pair.prediction), width, height);
      const image = await findImage?.(pair);
      if (image && (image.width !== width || image.height !== height))
        throw new DataError(
          `${labelsPath(pair.truth)}: must have the size of the image of ${name}, ` +
            `${image.width} x ${image.height} (width x height), got ${width} x ${height}`,
        );
      return { prediction, truth, ...(image && { image }) };
    },
  };
}

/** Each item with what was loaded for it; the next one is loaded while this one is worked on. */
export async function* ahead<Item, Loaded>(
  items: readonly Item[],
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<readonly [Item, Loaded]> {
  const begin = (i: number) => {
    const loading = i < items.length ? load(items[i]!) : undefined;
    // Whoever awaits it sees the error.
    loading?.catch(() => undefined);
    return loading;
  };
  let next = begin(0);
  for (const [i, item] of items.entries()) {
    const loaded = (await next)!;
    next = begin(i + 1);
    yield [item, loaded];
  }
}

/** Whether a map holds another number than those of a mask, or none at all. */
const hasIds = ({ instances = new Int32Array(0) }: Labels): boolean =>
  instances.some((id) => id !== 0 && id !== 255) || instances.every((id) => id === 0);

interface Size {
  readonly width: number;
  readonly height: number;
}

function sameSize(prediction: string, p: Size, truth: string, t: Size): void {
  if (p.width !== t.width || p.height !== t.height)
    throw new DataError(
      `${prediction}: must have the size of its truth, ${t.width} x ${t.height} ` +
        `(width x height, ${truth}), got ${p.width} x ${p.height}; save it at native size`,
    );
}
