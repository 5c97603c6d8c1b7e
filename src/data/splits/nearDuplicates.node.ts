/** Near-duplicates among the images of a data set, above all those that a split puts into two parts. */
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import sharp from "sharp";
import { DataError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { byName, type Sample } from "../dataset.ts";
import { decoding, openImage, type Opened } from "../images/openImage.node.ts";
import { findDuplicatePairs, type DuplicateOptions, type Fingerprint } from "./nearDuplicates.ts";
import type {
  NearDuplicate,
  NearDuplicates,
  PartImage,
  UnreadableImage,
} from "./nearDuplicates.ts";

export type { NearDuplicate, NearDuplicates, PartImage };
import { greyOf, thumbnailSize } from "./perceptualHash.ts";
import { readSampleImage } from "../readSample.node.ts";
import { resizeImage } from "../images/resize.ts";

export interface FindOptions extends DuplicateOptions {
  /** Time after which no further image is read; default: no limit. */
  readonly seconds?: number;
  readonly signal?: AbortSignal | undefined;
  onProgress?(done: number, total: number): void;
}

/**
 * Near-duplicates among samples in parts; see `findDuplicatePairs`. Images that cannot be read are listed
 * and compared with none: whoever needs their pixels reads them himself.
 *
 * @param parts  such as train, validation and test. Where time is short, the small parts are looked at
 *   first, and the images of each in an order drawn at random.
 * @throws {ArgumentError} as `findDuplicatePairs`.
 */
export async function findNearDuplicates(
  parts: Readonly<Record<string, readonly Sample[]>>,
  options: FindOptions = {},
): Promise<NearDuplicates> {
  const began = performance.now();
  const { seconds = Infinity, signal } = options;
  const elapsed = (): number => (performance.now() - began) / 1000;
  const order = Object.entries(parts)
    .sort(([, a], [, b]) => a.length - b.length)
    .flatMap(([part, samples]) =>
      Random.of("near-duplicates").shuffled(samples.map((sample) => ({ part, sample }))),
    );
  const found: { image: PartImage; fingerprint: Fingerprint }[] = [];
  const unreadable: UnreadableImage[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < order.length && elapsed() < seconds) {
      signal?.throwIfAborted();
      const { part, sample } = order[next++]!;
      const image = { part, name: sample.name };
      try {
        found.push({ image, fingerprint: await fingerprintOf(sample) });
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        unreadable.push({ ...image, message: error.message });
      }
      options.onProgress?.(++done, order.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  const partOrder = Object.keys(parts);
  const inOrder = (a: PartImage, b: PartImage): number =>
    partOrder.indexOf(a.part) - partOrder.indexOf(b.part) || byName(a.name, b.name);
  found.sort(({ image: a }, { image: b }) => inOrder(a, b));
  const pairs = findDuplicatePairs(
    found.map(({ fingerprint }) => fingerprint),
    options,
  );
  return {
    checked: found.length,
    total: order.length,
    seconds: elapsed(),
    unreadable: unreadable.sort(inOrder),
    pairs: pairs.map(({ first, second, ...rest }) => ({
      images: [found[first]!.image, found[second]!.image],
      ...rest,
    })),
  };
}

/** The pairs whose images lie in two parts. */
export const acrossParts = ({ pairs }: NearDuplicates): NearDuplicate[] =>
  pairs.filter(({ images: [a, b] }) => a.part !== b.part);

/** Whether there is anything to tell. */
export const hasFindings = ({ pairs, unreadable }: NearDuplicates): boolean =>
  pairs.length > 0 || unreadable.length > 0;

/**
 * Digest and thumbnail of a sample's image.
 *
 * @throws {DataError} as `readSampleImage`.
 */
export async function fingerprintOf(sample: Sample): Promise<Fingerprint> {
  if (sample.index === undefined && /\.jpe?g$/i.test(sample.image)) {
    const opened = await openImage(sample.image);
    if (opened.kind === "picture" && opened.header.format === "jpeg")
      return fingerprintOfJpeg(opened);
  }
  const image = await readSampleImage(sample);
  const digest = digestOf(image.data, `${image.width}x${image.height}`);
  const { data } = resizeImage(image, thumbnailSize, thumbnailSize);
  return { digest, thumbnail: greyOf(data) };
}

/** JPEG decodes right to a fraction of its size, which is several times faster. */
async function fingerprintOfJpeg({ path, bytes }: Opened): Promise<Fingerprint> {
  const rgb = await decoding(path, () =>
    sharp(bytes, { limitInputPixels: false })
      .autoOrient()
      .toColourspace("srgb")
      .resize(thumbnailSize, thumbnailSize, { fit: "fill", kernel: "linear" })
      .raw({ depth: "uchar" })
      .toBuffer(),
  );
  return { digest: digestOf(bytes), thumbnail: greyOf(rgb) };
}

const digestOf = (bytes: Uint8Array, more = ""): string =>
  createHash("sha256").update(more).update(bytes).digest("base64");
