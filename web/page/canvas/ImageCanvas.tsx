/** The image with its layers, and the tools on it. */
import { effect, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { fitted, type View } from "../drawing/view.ts";
import {
  bare,
  brushRadius,
  chosen,
  levels,
  mapOpacity,
  mapShown,
  maskOpacity,
  maskShown,
  maskStyle,
  tool,
  truthShown,
  view,
} from "../work/state.ts";
import { takeUndrawn } from "../work/work.ts";
import { createLayers } from "./layers.ts";
import { polygonPoints, pointerAt, pointerTools } from "./pointer.ts";

export function ImageCanvas() {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => (ref.current ? showIn(ref.current) : undefined), []);
  const image = chosen.value;
  return (
    <canvas
      ref={ref}
      id="image"
      tabIndex={0}
      role="img"
      aria-label={
        image ? `${image.name}, with its mask; keys: see the list of keys` : "no image is open"
      }
      data-tool={tool.value}
    />
  );
}

/** Draws whenever something that is seen changes, at most once a frame. @returns what ends it */
function showIn(canvas: HTMLCanvasElement): () => void {
  const layers = createLayers();
  const detach = pointerTools(canvas);
  let frame = 0;
  let shownId: number | undefined;
  const observer = new ResizeObserver(() => {
    const { clientWidth, clientHeight } = canvas;
    canvas.width = Math.round(clientWidth * devicePixelRatio);
    canvas.height = Math.round(clientHeight * devicePixelRatio);
    view.value = undefined;
    shownId = undefined;
    ask();
  });
  observer.observe(canvas);

  const ask = (): void => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      draw(canvas);
    });
  };

  const draw = (target: HTMLCanvasElement): void => {
    const context = target.getContext("2d");
    const image = chosen.value;
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, target.width, target.height);
    if (!image?.picture) return;
    const screen = { width: target.clientWidth, height: target.clientHeight };
    if (shownId !== image.id || !view.value) {
      shownId = image.id;
      view.value = fitted(image.picture, screen);
    }
    const now = view.value;
    const changed = takeUndrawn(image.id);
    // Outlines of about two pixels of the screen, whatever the zoom.
    const outline = Math.max(1, Math.round(1.5 / now.scale));
    const shown = layers.update(
      image,
      {
        levels: levels.value,
        maskOutline: maskStyle.value === "outline" ? outline : 0,
        truthOutline: outline,
        map: mapShown.value,
      },
      changed,
    );
    if (!shown) return;
    const ratio = devicePixelRatio;
    const { scale, x, y } = now;
    context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
    // Above the size of its pixels an image is looked at pixel by pixel.
    context.imageSmoothingEnabled = scale < 3;
    context.drawImage(shown.image, 0, 0);
    if (!bare.value) {
      if (shown.map) drawLayer(context, shown.map, mapOpacity.value);
      if (maskShown.value) {
        drawLayer(context, shown.mask, maskStyle.value === "outline" ? 1 : maskOpacity.value);
      }
      if (shown.truth && truthShown.value) drawLayer(context, shown.truth, 1);
    }
    drawTool(context, now);
    context.globalAlpha = 1;
  };

  // Whatever is read here is what the picture depends on.
  const seen: readonly ReadonlySignal<unknown>[] = [
    ...[chosen, levels, bare, view, tool, brushRadius, maskShown, maskStyle, maskOpacity],
    ...[truthShown, mapShown, mapOpacity, pointerAt, polygonPoints],
  ];
  const stop = effect(() => {
    // Reading is what makes an effect follow.
    if (seen.map(({ value }) => value).length > 0) ask();
  });
  return () => {
    stop();
    detach();
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}

function drawLayer(
  context: CanvasRenderingContext2D,
  canvas: HTMLCanvasElement,
  opacity: number,
): void {
  context.globalAlpha = opacity;
  context.drawImage(canvas, 0, 0);
}

/** The circle that the brush would paint, or the polygon so far. */
function drawTool(context: CanvasRenderingContext2D, { scale }: View): void {
  const at = pointerAt.value;
  const painting = ["brush", "eraser", "restore"].includes(tool.value);
  const line = (colour: string, width: number): void => {
    context.strokeStyle = colour;
    context.lineWidth = width / scale;
    context.stroke();
  };
  context.globalAlpha = 1;
  context.beginPath();
  if (painting && at) context.arc(at.x, at.y, brushRadius.value, 0, 2 * Math.PI);
  else if (tool.value === "polygon") {
    const points = at ? [...polygonPoints.value, at] : polygonPoints.value;
    for (const { x, y } of points) context.lineTo(x, y);
    if (polygonPoints.value.length > 1) context.closePath();
  } else return;
  // Dark under light: seen on any image.
  line("#000000", 3);
  line("#ffffff", 1.2);
}
