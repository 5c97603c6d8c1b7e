/** What a person can do with images and models; each leaves the state whole, whatever fails. */
import { batch } from "@preact/signals";
import { describeFile } from "../../shared/fileKind.ts";
import type { Scores } from "../../shared/picture.ts";
import {
  compose,
  countClasses,
  joined,
  noCounts,
  noEdits,
  wholeArea,
  type Area,
} from "../drawing/edits.ts";
import { startEngine } from "../engine.ts";
import { unpack, type KeptProject } from "../keep/keep.ts";
import { pairMasks } from "./pairMasks.ts";
import {
  chosenId,
  facts,
  flips,
  images,
  messageOf,
  model,
  newImage,
  tell,
  threshold,
  updateImage,
  type OpenImage,
} from "./state.ts";

/** The Worker that reads and predicts. */
export const engine = startEngine();

/** Opens what was dropped, pasted or chosen: checkpoints, images, and masks named after images. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const models: File[] = [];
  const pictures: File[] = [];
  for (const file of files) {
    const head = new Uint8Array(await file.slice(0, 256).arrayBuffer());
    const isModel = describeFile(head).kind === "safetensors" || /\.safetensors$/i.test(file.name);
    (isModel ? models : pictures).push(file);
  }
  const opening = models.at(-1);
  if (models.length > 1) {
    tell("news", `Of ${models.length} models the last is open: ${opening?.name ?? ""}.`);
  }
  const { masks, others } = pairMasks(
    pictures,
    images.value.map(({ name }) => name),
  );
  const added = others.map((file) => ({ file, image: newImage(file) }));
  batch(() => {
    images.value = [...images.value, ...added.map(({ image }) => image)];
    chosenId.value = added[0]?.image.id ?? chosenId.value;
  });
  if (opening) await openModel(opening.name, new Uint8Array(await opening.arrayBuffer()));
  for (const { file, image } of added) await openImage(image.id, file);
  for (const { file, of } of masks) await openTruth(file, of);
}

/** @param kept  what was painted before, and the truth; of the image's size, else they are left aside */
async function openImage(id: number, file: File, kept: KeptPixels = {}): Promise<void> {
  try {
    const picture = await engine.ask("decode", { file });
    const { width, height } = picture;
    const fits = (data: Uint8Array | undefined): boolean => data?.length === width * height;
    const edits = noEdits(width, height);
    if (kept.edits && fits(kept.edits)) edits.data.set(kept.edits);
    recompose(
      updateImage(id, {
        ...{ picture, edits, status: "waiting" },
        painted: edits.data.some((paint) => paint !== 0),
        mask: { width, height, data: new Uint8Array(width * height) },
        counts: allBackground(width * height),
        ...(kept.truth && fits(kept.truth) && { truth: { width, height, data: kept.truth } }),
      }),
    );
  } catch (error) {
    updateImage(id, { status: "failed", message: messageOf(error) });
    return;
  }
  await predictImage(id);
}

/** Counts of a mask that has not been composed yet. */
function allBackground(pixels: number): Float64Array {
  const counts = noCounts();
  counts[0] = pixels;
  return counts;
}

interface KeptPixels {
  readonly edits?: Uint8Array;
  readonly truth?: Uint8Array<ArrayBuffer>;
}

/** Opens what the browser has kept of earlier work. */
export async function openKeptWork(project: KeptProject): Promise<void> {
  threshold.value = project.threshold;
  const opened = project.images.map((kept) => ({
    kept,
    image: newImage(kept.file, kept.key),
  }));
  images.value = [...images.value, ...opened.map(({ image }) => image)];
  chosenId.value ??= opened[0]?.image.id;
  if (project.model) await openModel(project.model.name, project.model.bytes);
  for (const { kept, image } of opened) {
    await openImage(image.id, kept.file, {
      ...(kept.edits && { edits: unpack(kept.edits) }),
      ...(kept.truth && { truth: unpack(kept.truth) }),
    });
  }
}

/** The truth of an image: what its mask is held against. */
async function openTruth(file: File, imageName: string): Promise<void> {
  const image = images.value.find(({ name }) => name === imageName);
  if (!image?.picture) return;
  const { width, height } = image.picture;
  try {
    const truth = await engine.ask("decodeMask", { file, classes: facts.value?.classes ?? 1 });
    if (truth.width !== width || truth.height !== height) {
      throw new Error(
        `${file.name}: mask must have the size of its image ${image.name}, ${width} x ${height}, got ${truth.width} x ${truth.height}`,
      );
    }
    updateImage(image.id, { truth });
    await scoreImage(image.id);
  } catch (error) {
    tell("error", messageOf(error));
  }
}

/** Opens a checkpoint and predicts all images by it; a file that cannot be opened leaves the model before in place. */
export async function openModel(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const before = model.value;
  model.value = { status: "opening", name };
  try {
    const found = await engine.ask("open", { name, bytes });
    model.value = { status: "open", facts: found, bytes };
  } catch (error) {
    const message = messageOf(error);
    model.value = before.status === "open" ? before : { status: "failed", name, message };
    tell("error", message);
    return false;
  }
  await predictAll();
  return true;
}

/** Predicts every image anew; the one that is looked at first. */
export async function predictAll(): Promise<void> {
  const order = [...images.value].sort(
    (a, b) => Number(b.id === chosenId.value) - Number(a.id === chosenId.value),
  );
  for (const { id } of order) await predictImage(id);
}

/** Predicts an image; what a person has painted stays. */
async function predictImage(id: number): Promise<void> {
  const image = images.value.find((one) => one.id === id);
  if (!image?.picture || model.value.status !== "open") return;
  updateImage(id, { status: "predicting" });
  try {
    const { name, picture } = image;
    const prediction = await engine.ask("predict", { name, picture, flips: flips.value });
    recompose(updateImage(id, { prediction, status: "done" }));
    await scoreImage(id);
  } catch (error) {
    updateImage(id, { status: "failed", message: messageOf(error) });
  }
}

/** Brings the mask of an image in line with prediction, threshold and edits, in an area or all over. */
export function recompose(image: OpenImage | undefined, area?: Area): void {
  if (!image?.edits || !image.mask) return;
  const { id, edits, mask, prediction } = image;
  const predicted = prediction && {
    channels: prediction.channels.map(({ data }) => data),
    threshold: threshold.value,
  };
  const changed = area ?? wholeArea(edits);
  // Only what changed is counted anew: a stroke on a large image must not look at all of it.
  const counts = image.counts.slice();
  countClasses(counts, mask.data, mask.width, changed, -1);
  compose(mask.data, edits, predicted, changed);
  countClasses(counts, mask.data, mask.width, changed);
  const before = undrawn.get(id);
  undrawn.set(id, before ? joined(before, changed) : changed);
  updateImage(id, { counts, maskVersion: image.maskVersion + 1 });
}

/** Where masks have changed since they were drawn. */
const undrawn = new Map<number, Area>();

/** The area of a mask that changed since this was last asked. */
export function takeUndrawn(id: number): Area | undefined {
  const area = undrawn.get(id);
  undrawn.delete(id);
  return area;
}

export function setThreshold(value: number): void {
  threshold.value = value;
  batch(() => {
    for (const image of images.value) if (image.prediction) recompose(image);
  });
  scoreSoon();
}

let timer: ReturnType<typeof setTimeout> | undefined;
/** Scores what has a truth, when nothing has changed for a moment. */
export function scoreSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const { id } of images.value) void scoreImage(id);
  }, 200);
}

async function scoreImage(id: number): Promise<void> {
  const image = images.value.find((one) => one.id === id);
  if (!image?.truth || !image.mask) return;
  let scores: Scores;
  try {
    scores = await engine.ask("score", { prediction: image.mask, truth: image.truth });
  } catch (error) {
    tell("error", messageOf(error));
    return;
  }
  updateImage(id, { scores });
}

export function closeImage(id: number): void {
  batch(() => {
    const at = images.value.findIndex((image) => image.id === id);
    images.value = images.value.filter((image) => image.id !== id);
    if (chosenId.value === id) {
      chosenId.value = (images.value[at] ?? images.value.at(-1))?.id;
    }
  });
}

/** Looks at the image so many places further on. */
export function chooseNext(step: number): void {
  const all = images.value;
  const at = all.findIndex(({ id }) => id === chosenId.value);
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  if (next) chosenId.value = next.id;
}
