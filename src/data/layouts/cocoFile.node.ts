/** Reading a COCO annotation file: images, categories, and the objects of each image. */
import { stat } from "node:fs/promises";
import { DataError } from "../../base/errors.ts";
import type { CocoObject } from "../dataset.ts";
import { readText } from "../../base/files.node.ts";
import { isRecord, jsonOf, shown } from "../../base/json.ts";
import { checkClassNames } from "./classNames.node.ts";

/** Largest file that fits into one text of the engine, with room to spare. */
const mostBytes = 400_000_000;

export interface CocoImage {
  readonly id: number;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly objects: CocoObject[];
}

export interface CocoFile {
  readonly path: string;
  /** Names of the classes 1 to K, the categories in the order of their ids. */
  readonly classes: readonly string[];
  readonly images: readonly CocoImage[];
  /** Objects in all, and how many of them are crowds: regions that tell no instances apart. */
  readonly objects: number;
  readonly crowds: number;
}

type Entry = Readonly<Record<string, unknown>>;

/**
 * The file, checked but for the runs and polygons themselves; undefined if it is some other JSON.
 *
 * @throws {DataError} naming file and entry.
 */
export async function readCocoFile(path: string): Promise<CocoFile | undefined> {
  const { size } = await stat(path);
  if (size > mostBytes) {
    throw new DataError(
      `${path}: annotation file must have at most ${mostBytes} bytes, got ${size}; split it`,
    );
  }
  const json = jsonOf(path, await readText(path));
  if (!isRecord(json) || !("images" in json) || !("annotations" in json)) return undefined;
  const list = (key: string): readonly Entry[] => {
    const value = json[key];
    if (!Array.isArray(value) || !value.every(isRecord)) {
      throw new DataError(`${path}: ${key} must be a list of objects, got ${shown(value)}`);
    }
    return value;
  };

  const categories = list("categories").map((entry, i) => ({
    id: whole(entry.id, `${path}: id of category ${i}`),
    name: entry.name,
  }));
  categories.sort((a, b) => a.id - b.id);
  const classes = checkClassNames(
    path,
    categories.map(({ name }) => name),
  );
  const classOf = unique(
    categories.map(({ id }, i) => [id, i + 1]),
    `${path}: ids of categories`,
  );

  const images = list("images").map((entry, i): CocoImage => {
    const where = `${path}: image ${i}`;
    const { file_name: file } = entry;
    if (typeof file !== "string" || file === "") {
      throw new DataError(`${where} must have a file_name, got ${shown(file)}`);
    }
    return {
      id: whole(entry.id, `${where}, id`),
      file,
      width: whole(entry.width, `${where}, width`, 1),
      height: whole(entry.height, `${where}, height`, 1),
      objects: [],
    };
  });
  const imageOf = unique(
    images.map((image) => [image.id, image]),
    `${path}: ids of images`,
  );

  let crowds = 0;
  const annotations = list("annotations");
  annotations.forEach((entry, i) => {
    const where = `${path}: annotation ${i}`;
    const image = imageOf.get(entry.image_id);
    if (image === undefined) {
      throw new DataError(
        `${where}, image_id must be that of an image, got ${shown(entry.image_id)}`,
      );
    }
    const category = classOf.get(entry.category_id);
    if (category === undefined) {
      throw new DataError(
        `${where}, category_id must be that of a category, got ${shown(entry.category_id)}`,
      );
    }
    if (entry.iscrowd === 1) crowds++;
    image.objects.push({ class: category, segmentation: segmentation(entry, where) });
  });
  return { path, classes, images, objects: annotations.length, crowds };
}

/** The form of a segmentation; what it holds is checked when it is painted. */
function segmentation({ segmentation: value }: Entry, where: string): CocoObject["segmentation"] {
  if (Array.isArray(value) && value.length > 0 && value.every(isNumbers)) return value;
  if (isRecord(value)) {
    const { size, counts } = value;
    if (isNumbers(size) && size.length === 2 && (typeof counts === "string" || isNumbers(counts))) {
      return { size: [size[0]!, size[1]!], counts };
    }
  }
  const boxes = value === undefined || (Array.isArray(value) && value.length === 0);
  throw new DataError(
    `${where}, segmentation must be polygons or runs (size and counts), got ${boxes ? "none; boxes alone cannot be segmented" : shown(value)}`,
  );
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((each) => typeof each === "number");

function whole(value: unknown, where: string, least = 0): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new DataError(`${where} must be a whole number from ${least}, got ${shown(value)}`);
}

function unique<T>(entries: readonly (readonly [number, T])[], where: string): Map<unknown, T> {
  const map = new Map<unknown, T>();
  for (const [id, value] of entries) {
    if (map.has(id)) throw new DataError(`${where} must be unique, got ${id} twice`);
    map.set(id, value);
  }
  return map;
}
