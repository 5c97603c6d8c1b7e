/** Mouse, pen and fingers on the image: tools, pan and zoom. */
import { signal } from "@preact/signals";
import { paintStroke, type MayPaint, type Point } from "../drawing/brush.ts";
import { isEmpty, joined, paintOf, untouched, type Area } from "../drawing/edits.ts";
import { fillPolygon } from "../drawing/polygon.ts";
import { floodFill } from "../drawing/floodFill.ts";
import { moved, toImage, zoomed } from "../drawing/view.ts";
import {
  brushRadius,
  chosen,
  onlyUnsure,
  paintClass,
  tool,
  view,
  type OpenImage,
} from "../work/state.ts";
import { copyEdits, edit, finishEdit, nowhere } from "../work/edit.ts";
import { recompose } from "../work/work.ts";

/** Where the pointer is, pixels of the image. */
export const pointerAt = signal<Point | undefined>(undefined);
/** Corners of the polygon that is being drawn. */
export const polygonPoints = signal<readonly Point[]>([]);

/** Probabilities between which the network counts as unsure. */
const unsure = { low: 0.1, high: 0.9 };

/** What the chosen tool leaves behind. */
const paintOfTool = (): number => {
  if (tool.value === "eraser") return paintOf(0);
  return tool.value === "restore" ? untouched : paintOf(paintClass.value);
};

function mayPaintOn({ prediction }: OpenImage): MayPaint {
  const [first] = prediction?.channels ?? [];
  if (!onlyUnsure.value || !first) return () => true;
  return (i) => first.data[i]! > unsure.low && first.data[i]! < unsure.high;
}

/** Closes the polygon and fills it. */
export function closePolygon(): void {
  const points = polygonPoints.value;
  polygonPoints.value = [];
  edit((image) => fillPolygon(image.edits, points, paintOfTool(), mayPaintOn(image)));
}

function fillAt({ x, y }: Point, erase: boolean): void {
  edit(({ edits, mask }) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (!mask || column < 0 || row < 0) return nowhere;
    if (column >= edits.width || row >= edits.height) return nowhere;
    const paint = erase ? paintOf(0) : paintOfTool();
    return floodFill(edits, mask.data, column, row, paint);
  });
}

/** Listens on the canvas. @returns what ends it */
export function pointerTools(canvas: HTMLCanvasElement): () => void {
  /** The stroke under way. */
  let stroke: { id: number; before: Uint8Array; area: Area; last: Point } | undefined;
  let panFrom: Point | undefined;
  /** Fingers and pens that touch, by their numbers, pixels of the screen. */
  const touching = new Map<number, Point>();
  let pinch: { middle: Point; distance: number } | undefined;

  const screenPoint = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const paintTo = (to: Point): void => {
    const image = chosen.value;
    if (!stroke || image?.id !== stroke.id || !image.edits) return;
    const area = paintStroke(
      image.edits,
      stroke.last,
      to,
      brushRadius.value,
      paintOfTool(),
      mayPaintOn(image),
    );
    stroke.last = to;
    stroke.area = joined(stroke.area, area);
    recompose(image, area);
  };

  const endStroke = (): void => {
    if (stroke && !isEmpty(stroke.area)) finishEdit(stroke.id, stroke.before, stroke.area);
    stroke = undefined;
  };

  const down = (event: PointerEvent): void => {
    const at = screenPoint(event);
    canvas.focus();
    canvas.setPointerCapture(event.pointerId);
    touching.set(event.pointerId, at);
    if (touching.size > 1) {
      // A second finger means pan and zoom; what the first has painted stays a stroke.
      endStroke();
      return;
    }
    const image = chosen.value;
    const now = view.value;
    if (!image?.edits || !now) return;
    const point = toImage(now, at);
    const painting = ["brush", "eraser", "restore"].includes(tool.value);
    if (event.button === 1 || tool.value === "move") panFrom = at;
    else if (event.button !== 0) return;
    else if (painting) {
      const before = copyEdits(image.edits);
      stroke = { id: image.id, before, area: nowhere, last: point };
      // A click without movement paints, too.
      paintTo(point);
    } else if (tool.value === "polygon") polygonPoints.value = [...polygonPoints.value, point];
    else fillAt(point, event.altKey);
  };

  const move = (event: PointerEvent): void => {
    const at = screenPoint(event);
    const now = view.value;
    if (!now) return;
    if (touching.has(event.pointerId)) touching.set(event.pointerId, at);
    const [a, b] = [...touching.values()];
    if (a && b) {
      const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
      const distance = Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
      if (pinch) {
        const panned = moved(now, middle.x - pinch.middle.x, middle.y - pinch.middle.y);
        view.value = zoomed(panned, middle, distance / pinch.distance);
      }
      pinch = { middle, distance };
      return;
    }
    pointerAt.value = toImage(now, at);
    if (panFrom) {
      view.value = moved(now, at.x - panFrom.x, at.y - panFrom.y);
      panFrom = at;
    } else if (stroke) {
      // All the places between two frames: fast strokes stay round.
      for (const one of event.getCoalescedEvents()) paintTo(toImage(now, screenPoint(one)));
      paintTo(toImage(now, at));
    }
  };

  const up = (event: PointerEvent): void => {
    touching.delete(event.pointerId);
    pinch = undefined;
    panFrom = undefined;
    endStroke();
  };

  const leave = (): void => {
    pointerAt.value = undefined;
  };

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const now = view.value;
    if (!now) return;
    if (event.shiftKey) changeRadius(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    else view.value = zoomed(now, screenPoint(event), Math.exp(-event.deltaY / 500));
  };

  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("dblclick", closePolygonByClick);
  canvas.addEventListener("wheel", wheel, { passive: false });
  return () => {
    canvas.removeEventListener("pointerdown", down);
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("pointerup", up);
    canvas.removeEventListener("pointercancel", up);
    canvas.removeEventListener("pointerleave", leave);
    canvas.removeEventListener("dblclick", closePolygonByClick);
    canvas.removeEventListener("wheel", wheel);
  };
}

function closePolygonByClick(): void {
  if (tool.value === "polygon") closePolygon();
}

/** Largest radius of the brush, pixels of the image. */
export const mostRadius = 200;

export function changeRadius(factor: number): void {
  const step = factor > 1 ? Math.ceil : Math.floor;
  brushRadius.value = Math.min(mostRadius, Math.max(1, step(brushRadius.value * factor)));
}

/** Does the tool's deed in the middle of the canvas, or where the pointer is: for the keyboard. */
export function useToolAt(point: Point): void {
  const { value } = tool;
  if (value === "polygon") polygonPoints.value = [...polygonPoints.value, point];
  else if (value === "fill") fillAt(point, false);
  else if (value !== "move") {
    edit((image) =>
      paintStroke(image.edits, point, point, brushRadius.value, paintOfTool(), mayPaintOn(image)),
    );
  }
}
