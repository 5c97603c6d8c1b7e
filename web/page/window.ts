/** What the page lets its own tests see. */
import { chosen } from "./work/state.ts";

declare global {
  interface Window {
    /** Class of every pixel of the image that is looked at. */
    sgdcMask?: () => number[];
  }
}

export function letTestsSee(): void {
  window.sgdcMask = () => [...(chosen.value?.mask?.data ?? [])];
}
