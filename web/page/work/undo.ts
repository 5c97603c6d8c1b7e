/** Undo and redo on the image that is looked at. */
import { redo, undo } from "../drawing/history.ts";
import { keepSoon } from "../keep/keep.ts";
import { chosen, updateImage } from "./state.ts";
import { recompose, scoreSoon } from "./work.ts";

function step(take: typeof undo): void {
  const image = chosen.value;
  if (!image?.edits) return;
  const taken = take(image.history, image.edits);
  if (!taken) return;
  recompose(updateImage(image.id, { history: taken.history }), taken.area);
  scoreSoon();
  keepSoon();
}

export const undoEdit = (): void => {
  step(undo);
};
export const redoEdit = (): void => {
  step(redo);
};
