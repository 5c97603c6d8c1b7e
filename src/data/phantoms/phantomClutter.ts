/** What lies over the skin in a phantom: hairs, ruler marks, bubbles, stickers, the dark of the lens. */
import type { Random } from "../../base/random.ts";
import { distance, smoothstep } from "./noise.ts";

/** A picture being painted: float RGB in 0..1, interleaved. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly rgb: Float32Array;
}

type Colour = readonly [number, number, number];

/** Blends a colour over one pixel. */
function blend({ rgb }: Canvas, i: number, colour: Colour, alpha: number): void {
  for (let c = 0; c < 3; c++) rgb[3 * i + c]! += alpha * (colour[c]! - rgb[3 * i + c]!);
}

/** Raises `cover` to the part of each pixel that a disc of this radius covers. */
function disc(
  cover: Float32Array,
  { width, height }: Canvas,
  centreX: number,
  centreY: number,
  radius: number,
): void {
  const reach = radius + 1;
  const bottom = Math.min(height - 1, Math.ceil(centreY + reach));
  const right = Math.min(width - 1, Math.ceil(centreX + reach));
  for (let y = Math.max(0, Math.floor(centreY - reach)); y <= bottom; y++) {
    for (let x = Math.max(0, Math.floor(centreX - reach)); x <= right; x++) {
      const away = distance(x - centreX, y - centreY);
      const part = Math.min(1, Math.max(0, radius + 0.5 - away)) * Math.min(1, 2 * radius);
      const i = y * width + x;
      if (part > cover[i]!) cover[i] = part;
    }
  }
}

function blendAll(canvas: Canvas, cover: Float32Array, colour: Colour, opacity: number): void {
  for (let i = 0; i < cover.length; i++) {
    if (cover[i]! > 0) blend(canvas, i, colour, opacity * cover[i]!);
  }
}

/** Curved dark strokes, tapered, some with a bright line beside them where the light is reflected. */
export function paintHairs(canvas: Canvas, random: Random, count: number): void {
  const { width, height } = canvas;
  const short = Math.min(width, height);
  const dark = new Float32Array(width * height);
  const bright = new Float32Array(width * height);
  const shade = random.uniform(0.05, 0.3);
  const direction = random.uniform(0, Math.PI);
  for (let hair = 0; hair < count; hair++) {
    const thickness = random.uniform(0.0022, 0.0052) * short;
    const shines = random.chance(0.3);
    let angle = direction + random.normal() * 0.5 + (random.chance(0.5) ? Math.PI : 0);
    let x = random.uniform(-0.1, 1.1) * width;
    let y = random.uniform(-0.1, 1.1) * height;
    const length = random.uniform(0.25, 1.1) * short;
    const bend = (random.normal() * 1.2) / length;
    const step = 0.7;
    for (let along = 0; along < length; along += step) {
      const taper = Math.min(1, (3 * (length - along)) / length);
      disc(dark, canvas, x, y, thickness * taper);
      if (shines) {
        const aside = thickness + 0.4;
        const sideX = x - Math.sin(angle) * aside;
        const sideY = y + Math.cos(angle) * aside;
        disc(bright, canvas, sideX, sideY, thickness * 0.5 * taper);
      }
      angle += bend * step;
      x += Math.cos(angle) * step;
      y += Math.sin(angle) * step;
    }
  }
  blendAll(canvas, bright, [0.97, 0.92, 0.88], 0.35);
  blendAll(canvas, dark, [shade * 1.1, shade * 0.85, shade * 0.75], random.uniform(0.65, 0.92));
}

/** Ticks of a scale along one edge, every fifth longer. */
export function paintRuler(canvas: Canvas, random: Random): void {
  const { width, height } = canvas;
  const short = Math.min(width, height);
  const cover = new Float32Array(width * height);
  const edge = random.int(4);
  const gap = random.uniform(0.06, 0.12) * short;
  const inset = random.uniform(0, 0.03) * short;
  const tilt = random.uniform(-0.06, 0.06);
  const extent = edge < 2 ? width : height;
  const start = random.uniform(0, 0.4) * extent;
  const stop = start + random.uniform(0.3, 0.8) * extent;
  for (let at = start, n = 0; at < stop; at += gap, n++) {
    const tick = (n % 5 === 0 ? 0.055 : 0.03) * short;
    for (let depth = 0; depth < tick; depth += 0.5) {
      const d = inset + depth;
      const s = at + tilt * depth;
      const x = edge < 2 ? s : edge === 2 ? d : width - 1 - d;
      const y = edge >= 2 ? s : edge === 0 ? d : height - 1 - d;
      disc(cover, canvas, x, y, 0.0025 * short);
    }
  }
  blendAll(canvas, cover, [0.08, 0.08, 0.1], 0.85);
}

/** Bubbles of the contact gel: bright rims, a faint lens, a glint. */
export function paintBubbles(canvas: Canvas, random: Random, count: number): void {
  const { width, height } = canvas;
  const short = Math.min(width, height);
  for (let n = 0; n < count; n++) {
    const radius = random.uniform(0.012, 0.05) * short;
    const centreX = random.next() * width;
    const centreY = random.next() * height;
    const rim = Math.max(0.7, 0.12 * radius);
    const bottom = Math.min(height - 1, Math.ceil(centreY + radius + 2));
    const right = Math.min(width - 1, Math.ceil(centreX + radius + 2));
    for (let y = Math.max(0, Math.floor(centreY - radius - 2)); y <= bottom; y++) {
      for (let x = Math.max(0, Math.floor(centreX - radius - 2)); x <= right; x++) {
        const dx = x - centreX;
        const dy = y - centreY;
        const away = distance(dx, dy);
        const onRim = Math.exp(-(((away - radius) / rim) ** 2));
        const lit = 0.5 - (0.35 * (dx + dy)) / (radius + 1);
        const glint = Math.exp(
          -((dx + 0.4 * radius) ** 2 + (dy + 0.4 * radius) ** 2) / (0.1 * radius * radius + 0.3),
        );
        const i = y * width + x;
        blend(canvas, i, [1, 1, 1], Math.min(0.8, 0.5 * onRim * Math.max(0, lit) + 0.7 * glint));
        if (away < radius) blend(canvas, i, [0, 0, 0], 0.04);
      }
    }
  }
}

/** A coloured marker disc that reaches in from outside, as clinics put beside a lesion. */
export function paintSticker(canvas: Canvas, random: Random): void {
  const { width, height } = canvas;
  const short = Math.min(width, height);
  const radius = random.uniform(0.2, 0.35) * short;
  const angle = random.uniform(0, 2 * Math.PI);
  const away = radius + random.uniform(0.3, 0.45) * short;
  const centreX = width / 2 + Math.cos(angle) * away;
  const centreY = height / 2 + Math.sin(angle) * away;
  const colours: readonly Colour[] = [
    [0.2, 0.7, 0.3],
    [0.35, 0.75, 0.8],
    [0.2, 0.35, 0.7],
    [0.85, 0.75, 0.25],
    [0.75, 0.25, 0.2],
  ];
  const colour = colours[random.int(colours.length)]!;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const cover = radius + 0.5 - distance(x - centreX, y - centreY);
      if (cover > 0) blend(canvas, i, colour, Math.min(1, cover) * (0.9 + 0.08 * random.normal()));
    }
  }
}

/** The round edge of the lens: dark corners, sharp or soft. */
export function paintLensEdge(canvas: Canvas, random: Random): void {
  const { width, height } = canvas;
  const short = Math.min(width, height);
  const radius = random.uniform(0.52, 0.66) * short;
  const soft = random.uniform(0.01, 0.12) * short;
  const centreX = width / 2 + random.uniform(-0.05, 0.05) * short;
  const centreY = height / 2 + random.uniform(-0.05, 0.05) * short;
  const dark = random.uniform(0.02, 0.14);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const cover = smoothstep(radius - soft, radius + soft, distance(x - centreX, y - centreY));
      if (cover > 0) blend(canvas, i, [dark * 1.1, dark, dark], cover);
    }
  }
}
