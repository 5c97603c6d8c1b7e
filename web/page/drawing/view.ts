/** Where an image lies on the screen: pan and zoom. */
import type { Point } from "./brush.ts";

/** Screen = image x scale + offset. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** All of an image, in the middle, with a margin. */
export function fitted(image: Size, screen: Size, margin = 16): View {
  const room = (of: number): number => Math.max(1, of - 2 * margin);
  const scale = Math.min(room(screen.width) / image.width, room(screen.height) / image.height);
  return {
    scale,
    x: (screen.width - image.width * scale) / 2,
    y: (screen.height - image.height * scale) / 2,
  };
}

export const toImage = ({ scale, x, y }: View, at: Point): Point => ({
  x: (at.x - x) / scale,
  y: (at.y - y) / scale,
});

/** Smallest and largest number of screen pixels for a pixel of the image. */
const [leastScale, mostScale] = [0.02, 64];

/** Nearer or further, with what is under `at` kept in its place. */
export function zoomed(view: View, at: Point, factor: number): View {
  const scale = Math.min(mostScale, Math.max(leastScale, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

export const moved = (view: View, dx: number, dy: number): View => ({
  ...view,
  x: view.x + dx,
  y: view.y + dy,
});
