/** Changing what a person has painted: one deed, one step of undo. */
import { copyArea, redo, undo, withStep } from "../drawing/history.ts";
import { paintOf, wholeArea, type Area, type Edits } from "../drawing/edits.ts";
import { keepSoon } from "../keep/keep.ts";
import { chosen, updateImage, type OpenImage } from "./state.ts";
import { recompose, scoreSoon } from "./work.ts";

/** An image that can be painted on. */
export type Paintable = OpenImage & { readonly edits: Edits };

export const nowhere: Area = { left: 0, top: 0, right: 0, bottom: 0 };

/** Does one deed on the edits of the chosen image. */
export function edit(deed: (image: Paintable) => Area): void {
  const image = chosen.value;
  if (!image?.edits) return;
  const before = copyEdits(image.edits);
  finishEdit(image.id, before, deed({ ...image, edits: image.edits }));
}

export const copyEdits = (edits: Edits): Uint8Array => copyArea(edits, wholeArea(edits));

/** Makes a step of what has been done to the edits of the chosen image. */
export function finishEdit(id: number, before: Uint8Array, area: Area): void {
  const image = chosen.value;
  if (image?.id !== id || !image.edits) return;
  settle(image, withStep(image.history, image.edits, before, area), area);
}

function settle({ id, edits }: OpenImage, history: OpenImage["history"], area: Area): void {
  const painted = edits?.data.some((paint) => paint !== 0) ?? false;
  recompose(updateImage(id, { history, painted }), area);
  scoreSoon();
  keepSoon();
}

function step(take: typeof undo): void {
  const image = chosen.value;
  if (!image?.edits) return;
  const taken = take(image.history, image.edits);
  if (taken) settle(image, taken.history, taken.area);
}

export const undoEdit = (): void => {
  step(undo);
};
export const redoEdit = (): void => {
  step(redo);
};

/** Paints the truth over everything, where it differs from the mask or not. */
export function takeOverTruth(): void {
  edit(({ edits, truth }) => {
    if (!truth) return nowhere;
    for (let i = 0; i < truth.data.length; i++) edits.data[i] = paintOf(truth.data[i]!);
    return wholeArea(edits);
  });
}

/** Says of what is seen that it is right: all of it is painted, so that later predictions leave it. */
export function confirmMask(): void {
  edit(({ edits, mask }) => {
    if (!mask) return nowhere;
    for (let i = 0; i < mask.data.length; i++) edits.data[i] = paintOf(mask.data[i]!);
    return wholeArea(edits);
  });
}
