/** The layers of an image as canvases of its size, drawn anew only where something changed. */
import type { MapName, OpenImage } from "../work/state.ts";
import { isEmpty, wholeArea, type Area } from "../drawing/edits.ts";
import { extremes, imagePixels, mapPixels, maskPixels, touchedBy, truthColour } from "./paint.ts";

export interface LayerSettings {
  readonly levels: { readonly low: number; readonly high: number };
  /** Thickness of outlines, pixels of the image; 0 fills. */
  readonly maskOutline: number;
  readonly truthOutline: number;
  readonly map: MapName;
}

export interface Layers {
  readonly image: HTMLCanvasElement;
  readonly mask: HTMLCanvasElement;
  readonly truth: HTMLCanvasElement | undefined;
  readonly map: HTMLCanvasElement | undefined;
}

/** Keeps the layers of the image that is looked at. */
export function createLayers(): {
  update(image: OpenImage, settings: LayerSettings, changed?: Area): Layers | undefined;
} {
  const kept = new Map<string, { key: string; canvas: HTMLCanvasElement }>();
  let owner: number | undefined;

  const layer = (
    name: string,
    key: string,
    { width, height }: { width: number; height: number },
    draw: (context: CanvasRenderingContext2D) => void,
  ): HTMLCanvasElement => {
    const known = kept.get(name);
    if (known?.key === key) return known.canvas;
    const canvas = known?.canvas ?? document.createElement("canvas");
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    draw(contextOf(canvas));
    kept.set(name, { key, canvas });
    return canvas;
  };

  return {
    update(image, settings, changed) {
      const { picture, mask, truth, prediction } = image;
      if (!picture || !mask) return undefined;
      if (owner !== image.id) kept.clear();
      owner = image.id;
      const { levels, maskOutline, truthOutline, map } = settings;
      const size = { width: picture.width, height: picture.height };
      const whole = wholeArea(size);
      const area = changed && kept.has("mask") ? touchedBy(changed, maskOutline, size) : whole;
      const plane = map === "none" ? undefined : planeOf(image, map);
      return {
        image: layer("image", `${levels.low} ${levels.high}`, size, (context) => {
          put(context, imagePixels(picture.data, levels), whole);
        }),
        mask: layer("mask", `${image.maskVersion} ${maskOutline}`, size, (context) => {
          if (!isEmpty(area)) put(context, maskPixels(mask, area, maskOutline), area);
        }),
        truth:
          truth &&
          layer("truth", `${truthOutline}`, size, (context) => {
            put(
              context,
              maskPixels(truth, whole, truthOutline, () => truthColour),
              whole,
            );
          }),
        map:
          plane &&
          layer("map", `${map} ${prediction?.seconds ?? 0}`, size, (context) => {
            const range = map === "guidance" ? extremes(plane.data) : { low: 0, high: 1 };
            put(context, mapPixels(plane.data, range), whole);
          }),
      };
    },
  };
}

/** The map to show, if the network has it; of several classes the one that is not background. */
export function planeOf({ prediction }: OpenImage, map: MapName) {
  if (!prediction) return undefined;
  const { channels, edge, guidance } = prediction;
  if (map === "probability") return channels.length === 1 ? channels[0] : channels[1];
  return map === "boundary" ? edge : guidance;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context) return context;
  throw new Error(
    `canvas: the browser must have memory for ${canvas.width} x ${canvas.height} pixels, got none; close other pages or shrink the image`,
  );
}

function put(
  context: CanvasRenderingContext2D,
  pixels: Uint8ClampedArray<ArrayBuffer>,
  { left, top, right, bottom }: Area,
): void {
  context.putImageData(new ImageData(pixels, right - left, bottom - top), left, top);
}
