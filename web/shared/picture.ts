/** What page and Worker pass each other: pictures, models, maps, scores. Plain data that a message can carry. */

/** An image as it was read: 8-bit RGB, interleaved. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
  /** Bits of a value in the file; pixels of 16 bits are shown by their upper 8. */
  readonly bits: 8 | 16;
}

/** One number a pixel. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** The class of every pixel: 0 background, 1 to K. */
export interface ClassMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What is told of an opened model. */
export interface ModelFacts {
  /** Of the file. */
  readonly name: string;
  /** Of the network, e.g. `SGD-Net`. */
  readonly title: string;
  readonly classes: number;
  /** Names of the classes 1 to K. */
  readonly classNames: readonly string[];
  readonly instances: boolean;
  /** Height and width that the network sees, pixels. */
  readonly size: number;
  readonly fit: "resize" | "crop";
  readonly parameters: number;
}

/** What a network makes of an image, at the image's size. */
export interface PredictedMaps {
  /** Foreground alone, or the background and each class. */
  readonly channels: readonly Plane[];
  readonly edge?: Plane;
  readonly guidance?: Plane;
  readonly seconds: number;
}

/** Agreement of a mask with its truth; distances in pixels. */
export interface Scores {
  readonly dice: number;
  readonly iou: number;
  readonly hd95: number;
  readonly assd: number;
}

/** An image with what a person says of every pixel, to teach from. */
export interface Lesson {
  readonly name: string;
  readonly picture: Picture;
  readonly truth: ClassMap;
}

/** What teaching will take, from steps that were timed. */
export interface TeachingPlan {
  readonly steps: number;
  readonly epochs: number;
  readonly secondsPerStep: number;
  /** All of it, seconds. */
  readonly seconds: number;
  /** Name of the image that is held back to measure by; none below 4 images. */
  readonly heldBack?: string;
}

/** How a teaching gets on. */
export interface TeachingMoment {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly secondsLeft: number;
  /** Of the image held back, after the last epoch. */
  readonly heldBackDice?: number;
}

/** What came of a teaching. */
export interface Taught {
  /** The checkpoint as a file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly finished: boolean;
  /** Of the image held back, else the mean over the lessons. */
  readonly diceBefore: number;
  readonly diceAfter: number;
  readonly heldBack?: string;
  /** Lessons on which the taught model finds nothing, although there is something. */
  readonly findsNothing: readonly string[];
}
