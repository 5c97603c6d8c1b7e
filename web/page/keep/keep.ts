/** Keeping the work in the browser: images, what was painted, the model; opened again when the page is. */
import { effect, signal, untracked } from "@preact/signals";
import { unzlibSync, zlibSync } from "fflate";
import {
  chosenId,
  images,
  messageOf,
  model,
  tell,
  threshold,
  type OpenImage,
} from "../work/state.ts";
import { openDatabase, type Database } from "./database.ts";

/** An image as it is kept. */
export interface KeptImage {
  /** Its own for ever, unlike the number that the page gives it. */
  readonly key: string;
  readonly order: number;
  readonly file: File;
  readonly width: number;
  readonly height: number;
  /** What was painted, compressed; absent if nothing was. */
  readonly edits?: Uint8Array<ArrayBuffer>;
  readonly truth?: Uint8Array<ArrayBuffer>;
}

export interface KeptProject {
  readonly images: readonly KeptImage[];
  readonly model?: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> };
  readonly threshold: number;
}

/** `off`: nothing is kept, for the reason that was told. */
export const keeping = signal<"waiting" | "kept" | "saving" | "off">("waiting");

let database: Database | undefined;
/** Which state of each image is kept, by the version of its mask. */
const kept = new Map<string, number>();
let keptModel: Uint8Array | undefined;

/**
 * Opens the store and gives what it holds. Only one tab at a time keeps: a second one says so and works on without.
 */
export async function openKept(): Promise<KeptProject | undefined> {
  if (!(await isOnlyTab())) {
    keeping.value = "off";
    tell("error", "keeping: the work must be open in one tab, got another; this tab keeps nothing");
    return undefined;
  }
  try {
    database = await openDatabase("sgdc");
    const found = (await database.all("images")) as KeptImage[];
    const project = (await database.get("project", "model")) as KeptProject["model"];
    const settings = (await database.get("project", "threshold")) as number | undefined;
    // Known, so that closing one removes it.
    for (const { key } of found) kept.set(key, -1);
    return {
      images: found.sort((a, b) => a.order - b.order),
      ...(project && { model: project }),
      threshold: settings ?? 0.5,
    };
  } catch (error) {
    stopKeeping(error);
    return undefined;
  }
}

/** A lock that the browser frees when the tab goes. */
const isOnlyTab = (): Promise<boolean> =>
  new Promise((resolve) => {
    void navigator.locks.request("sgdc-work", { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      // Held until the tab is closed.
      return lock ? new Promise(() => undefined) : undefined;
    });
  });

let timer: ReturnType<typeof setTimeout> | undefined;

/** Writes what has changed, when nothing has changed for a moment. */
export function keepSoon(): void {
  if (!database || keeping.value === "off") return;
  keeping.value = "saving";
  clearTimeout(timer);
  timer = setTimeout(() => void keepNow(), 400);
}

/** Follows images, model and threshold from now on. */
export function followWork(): void {
  effect(() => {
    // Reading is what makes an effect follow.
    const now = [images.value.length, model.value, threshold.value, images.value.some(isNew)];
    if (now.length > 0) untracked(keepSoon);
  });
}

const isNew = ({ key, picture }: OpenImage): boolean => picture !== undefined && !kept.has(key);

async function keepNow(): Promise<void> {
  if (!database) return;
  try {
    const open = images.value;
    for (const key of kept.keys()) {
      if (open.some((image) => image.key === key)) continue;
      await database.remove("images", key);
      kept.delete(key);
    }
    for (const [order, image] of open.entries()) {
      const { key, file, picture, edits, truth, painted, maskVersion } = image;
      if (!picture || kept.get(key) === maskVersion) continue;
      const { width, height } = picture;
      const value: KeptImage = {
        ...{ key, order, file, width, height },
        ...(edits && painted && { edits: new Uint8Array(zlibSync(edits.data, { level: 1 })) }),
        ...(truth && { truth: new Uint8Array(zlibSync(truth.data, { level: 1 })) }),
      };
      await database.put("images", key, value);
      kept.set(key, maskVersion);
    }
    const { value } = model;
    if (value.status === "open" && value.bytes !== keptModel) {
      const { bytes, facts } = value;
      await database.put("project", "model", { name: facts.name, bytes });
      keptModel = bytes;
    }
    await database.put("project", "threshold", threshold.value);
    keeping.value = "kept";
  } catch (error) {
    stopKeeping(error);
  }
}

function stopKeeping(error: unknown): void {
  keeping.value = "off";
  database = undefined;
  tell(
    "error",
    `keeping: the browser must have room for the work, got: ${messageOf(error)}; export it before you close the page`,
  );
}

/** Forgets all that is kept, and closes all images. */
export async function forgetAll(): Promise<void> {
  images.value = [];
  chosenId.value = undefined;
  kept.clear();
  keptModel = undefined;
  await database?.clear();
}

/** Bytes as they were before they were kept. */
export const unpack = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(unzlibSync(bytes));
