/** What the page lets its own tests see. */
import { chosen, images } from "./work/state.ts";

declare global {
  interface Window {
    /** Class of every pixel of the image that is looked at. */
    sgdcMask?: () => number[];
    /** Name and Dice of every image that has a truth. */
    sgdcDice?: () => { name: string; dice: number }[];
  }
}

export function letTestsSee(): void {
  window.sgdcMask = () => [...(chosen.value?.mask?.data ?? [])];
  window.sgdcDice = () =>
    images.value.flatMap(({ name, scores }) => (scores ? [{ name, dice: scores.dice }] : []));
}
