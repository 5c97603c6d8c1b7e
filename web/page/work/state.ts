/** All that the page knows, as signals: what is shown follows from these alone. */
import { computed, signal } from "@preact/signals";
import type { ClassMap, ModelFacts, Picture, PredictedMaps, Scores } from "../../shared/picture.ts";
import { noCounts, type Edits } from "../drawing/edits.ts";
import { emptyHistory, type History } from "../drawing/history.ts";
import type { View } from "../drawing/view.ts";

let count = 0;
export const nextId = (): number => ++count;

export type ImageStatus = "reading" | "waiting" | "predicting" | "done" | "failed";

/** An image with all that belongs to it. The mask changes in place; `maskVersion` says that it did. */
export interface OpenImage {
  readonly id: number;
  /** Under which it is kept. */
  readonly key: string;
  /** Of the file. */
  readonly name: string;
  readonly status: ImageStatus;
  /** What went wrong. */
  readonly message?: string;
  readonly picture?: Picture;
  readonly prediction?: PredictedMaps;
  readonly edits?: Edits;
  /** Class of every pixel: edits over prediction. */
  readonly mask?: ClassMap;
  /** Pixels of each class in the mask. */
  readonly counts: Float64Array;
  readonly history: History;
  /** Whether a person has painted anything. */
  readonly painted: boolean;
  /** The file, to be kept with the work. */
  readonly file: File;
  readonly truth?: ClassMap;
  readonly scores?: Scores;
  readonly maskVersion: number;
}

export const newImage = (file: File, key: string = crypto.randomUUID()): OpenImage => ({
  id: nextId(),
  key,
  name: file.name,
  file,
  status: "reading",
  counts: noCounts(),
  history: emptyHistory,
  painted: false,
  maskVersion: 0,
});

export type ModelState =
  | { readonly status: "none" }
  | { readonly status: "opening"; readonly name: string }
  | { readonly status: "failed"; readonly name: string; readonly message: string }
  | {
      readonly status: "open";
      readonly facts: ModelFacts;
      /** The checkpoint as a file. */
      readonly bytes: Uint8Array<ArrayBuffer>;
    };

export type Tool = "move" | "brush" | "eraser" | "restore" | "polygon" | "fill";
export type MapName = "none" | "probability" | "boundary" | "guidance";

export const images = signal<readonly OpenImage[]>([]);
export const chosenId = signal<number | undefined>(undefined);
export const model = signal<ModelState>({ status: "none" });

/** Single class: probability from which a pixel is foreground. */
export const threshold = signal(0.5);
export const flips = signal(false);
export const maskShown = signal(true);
export const maskStyle = signal<"fill" | "outline">("fill");
export const maskOpacity = signal(0.45);
export const truthShown = signal(true);
export const mapShown = signal<MapName>("none");
export const mapOpacity = signal(0.6);
/** Values of the image that are shown black and white. */
export const levels = signal<{ readonly low: number; readonly high: number }>({
  low: 0,
  high: 255,
});
/** The bare image, while a key is held. */
export const bare = signal(false);

export const tool = signal<Tool>("move");
/** Pixels of the image. */
export const brushRadius = signal(12);
/** Class that is painted, 1 to K. */
export const paintClass = signal(1);
/** Paint only where the network is unsure. */
export const onlyUnsure = signal(false);

export const view = signal<View | undefined>(undefined);

/** Sentences for the person, newest last; `error` stays until it is closed. */
export interface Notice {
  readonly id: number;
  readonly kind: "news" | "error";
  readonly text: string;
}
export const notices = signal<readonly Notice[]>([]);

export const chosen = computed(() => images.value.find(({ id }) => id === chosenId.value));
export const facts = computed(() =>
  model.value.status === "open" ? model.value.facts : undefined,
);
/** The images that a person has painted on. */
export const corrected = computed(() => images.value.filter(({ painted }) => painted));

export function tell(kind: Notice["kind"], text: string): void {
  const last = notices.value.filter((notice) => notice.kind === "error").slice(-3);
  notices.value = [...last, { id: nextId(), kind, text }];
}

export function closeNotice(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Puts new facts of an image in place of the old ones. @returns the image then, if it is still open */
export function updateImage(id: number, change: Partial<OpenImage>): OpenImage | undefined {
  let changed: OpenImage | undefined;
  images.value = images.value.map((image) => {
    if (image.id !== id) return image;
    changed = { ...image, ...change };
    return changed;
  });
  return changed;
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
