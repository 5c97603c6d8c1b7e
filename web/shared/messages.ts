/** The messages between page and Worker: requests with a number, each answered once, and news in between. */
import type {
  ClassMap,
  Lesson,
  ModelFacts,
  Picture,
  PredictedMaps,
  Scores,
  Taught,
  TeachingMoment,
  TeachingPlan,
} from "./picture.ts";

/** What can be asked: arguments and answer of each request. */
export interface Requests {
  /** Reads an image file. */
  decode: { ask: { file: File }; answer: Picture };
  /** Reads a mask: any value but 0 is foreground, or its class. */
  decodeMask: { ask: { file: File; classes: number }; answer: ClassMap };
  /** Opens a checkpoint; the model before it is closed. */
  open: { ask: { name: string; bytes: Uint8Array }; answer: ModelFacts };
  /** Runs the open model on an image. */
  predict: { ask: { name: string; picture: Picture; flips: boolean }; answer: PredictedMaps };
  score: { ask: { prediction: ClassMap; truth: ClassMap }; answer: Scores };
  /** The parts of a mask that hang together, as GeoJSON. */
  outline: {
    ask: { mask: ClassMap; classNames: readonly string[] };
    answer: string;
  };
  /** Times steps on these images. */
  prepareTeaching: {
    ask: { name: string; bytes: Uint8Array; lessons: readonly Lesson[]; steps: number };
    answer: TeachingPlan;
  };
  /** Does what was prepared. */
  teach: { ask: Record<string, never>; answer: Taught };
  /** Ends a teaching after the step under way; its answer is the best so far. */
  stopTeaching: { ask: Record<string, never>; answer: null };
}

export type RequestName = keyof Requests;

export interface Request<Name extends RequestName = RequestName> {
  readonly id: number;
  readonly name: Name;
  readonly ask: Requests[Name]["ask"];
}

/** An error as plain data. */
export interface Failure {
  readonly message: string;
  /** Of the library's error classes; absent for a fault of the program. */
  readonly code?: string;
}

export type Reply =
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "moment"; readonly moment: TeachingMoment };
