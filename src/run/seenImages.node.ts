/** Content hashes of images and labels, and which images a network has seen in training. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { DataError } from "../base/errors.ts";
import { fileReason } from "../base/files.node.ts";
import type { LabelSource, Sample } from "../data/dataset.ts";
import { openNpy, readNpyEntry } from "../data/formats/readNpy.node.ts";
import type { DataIdentity, ImageIdentity } from "./origin.ts";

/**
 * Name, size and content hashes of a sample.
 *
 * @throws {DataError} if a file cannot be read.
 */
export async function identify(sample: Sample): Promise<ImageIdentity> {
  const { bytes, hash } = await imageHash(sample);
  return { name: sample.name, bytes, image: hash, labels: await labelsHash(sample.labels) };
}

/** SHA-256 of the file as it lies, or of the entry's values in an array of many. */
async function imageHash({ image, index }: Sample): Promise<{ bytes: number; hash: string }> {
  if (index !== undefined) return entryHash(image, index);
  return { bytes: await sizeOf(image), hash: await fileHash(image) };
}

/**
 * SHA-256 of the file of labels; of several files that of their hashes, one after another; of an array's
 * entry that of its values; of COCO's objects that of their JSON.
 */
async function labelsHash(labels: LabelSource): Promise<string> {
  switch (labels.kind) {
    case "mask":
    case "classMap":
      return fileHash(labels.path);
    case "instanceMap":
      return labels.classMap
        ? joinedHash([labels.path, labels.classMap.path])
        : fileHash(labels.path);
    case "instanceMasks":
      return joinedHash(labels.paths);
    case "conic":
      return (await entryHash(labels.path, labels.index)).hash;
    case "coco": {
      const { width, height, objects } = labels;
      return textHash(JSON.stringify({ width, height, objects }));
    }
  }
}

const textHash = (text: string): string => createHash("sha256").update(text).digest("hex");

async function joinedHash(paths: readonly string[]): Promise<string> {
  const hashes: string[] = [];
  for (const path of paths) hashes.push(await fileHash(path));
  return textHash(hashes.join(""));
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return hash.digest("hex");
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

const unreadable = (path: string, cause: unknown): DataError =>
  new DataError(`${path}: must be a readable file, got ${fileReason(cause)}`, { cause });

async function entryHash(path: string, index: number): Promise<{ bytes: number; hash: string }> {
  const npy = await openNpy(path);
  const { data } = await readNpyEntry(npy, index);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { bytes: bytes.length, hash: createHash("sha256").update(bytes).digest("hex") };
}

/** How a network has met an image. */
export interface Seen {
  /** `train`: its weights were fitted to it; `validation`: the best epoch was chosen by it. */
  readonly part: "train" | "validation";
  /** The name that it had then. */
  readonly name: string;
}

/**
 * Which of some samples a network was trained on or chosen by, told by the content of the image files:
 * copied, renamed and linked files are found, images saved anew are not (near-duplicates are another
 * question). Labels do not matter. Only files of a size that occurs in the training are read.
 *
 * @param data  of the checkpoint's origin
 * @returns by name of the sample; samples that were not seen are not in it
 * @throws {DataError} if a file cannot be read.
 */
export async function seenImages(
  data: DataIdentity,
  samples: readonly Sample[],
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Map<string, Seen>> {
  const known = new Map<string, Seen>();
  const sizes = new Set<number>();
  // What comes later wins: to be trained on weighs more than to be validated with.
  for (const part of ["validation", "train"] as const) {
    for (const image of [...(data.former?.[part] ?? []), ...data[part]]) {
      known.set(image.image, { part, name: image.name });
      sizes.add(image.bytes);
    }
  }
  const seen = new Map<string, Seen>();
  for (const sample of samples) {
    signal?.throwIfAborted();
    if (sample.index === undefined && !sizes.has(await sizeOf(sample.image))) continue;
    const found = known.get((await imageHash(sample)).hash);
    if (found) seen.set(sample.name, found);
  }
  return seen;
}
