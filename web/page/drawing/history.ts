/** Undo and redo: each step keeps the bytes of the area it changed, before and after. */
import { isEmpty, type Area, type Edits } from "./edits.ts";

export interface Step {
  readonly area: Area;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface History {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

export const emptyHistory: History = { done: [], undone: [] };

/** Bytes that all steps of an image may take: old ones are forgotten beyond it. */
export const mostBytes = 64 * 2 ** 20;

/** The bytes of an area, row by row. */
export function copyArea(
  { width, data }: { readonly width: number; readonly data: Uint8Array },
  { left, top, right, bottom }: Area,
): Uint8Array {
  const across = right - left;
  const copy = new Uint8Array(Math.max(0, across * (bottom - top)));
  for (let y = top; y < bottom; y++) {
    copy.set(data.subarray(y * width + left, y * width + right), (y - top) * across);
  }
  return copy;
}

function pasteArea(
  { width, data }: Edits,
  { left, top, right, bottom }: Area,
  bytes: Uint8Array,
): void {
  const across = right - left;
  for (let y = top; y < bottom; y++) {
    data.set(bytes.subarray((y - top) * across, (y - top + 1) * across), y * width + left);
  }
}

/**
 * The history with what has just been done; what had been undone is gone. A step that changed nothing is none.
 *
 * @param before  all edits as they were before
 */
export function withStep(history: History, edits: Edits, before: Uint8Array, area: Area): History {
  if (isEmpty(area)) return history;
  const was = copyArea({ width: edits.width, data: before }, area);
  const is = copyArea(edits, area);
  if (was.every((value, i) => value === is[i])) return history;
  const done = [...history.done, { area, before: was, after: is }];
  let bytes = done.reduce((sum, step) => sum + 2 * step.before.length, 0);
  while (bytes > mostBytes && done.length > 1) bytes -= 2 * done.shift()!.before.length;
  return { done, undone: [] };
}

/** Takes the last step back, in `edits`. @returns the history then, and the area that changed */
export function undo(history: History, edits: Edits): { history: History; area: Area } | undefined {
  const step = history.done.at(-1);
  if (!step) return undefined;
  pasteArea(edits, step.area, step.before);
  const { area } = step;
  return {
    area,
    history: { done: history.done.slice(0, -1), undone: [...history.undone, step] },
  };
}

/** Does the step again that was taken back last, in `edits`. */
export function redo(history: History, edits: Edits): { history: History; area: Area } | undefined {
  const step = history.undone.at(-1);
  if (!step) return undefined;
  pasteArea(edits, step.area, step.after);
  const { area } = step;
  return {
    area,
    history: { done: [...history.done, step], undone: history.undone.slice(0, -1) },
  };
}
