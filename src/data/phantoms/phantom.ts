/** Phantoms: seeded, labelled pictures that look like dermoscopy, for demo, tests and benchmarks. */
import { ArgumentError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import type { Mask, RgbImage } from "../../tensor/raster.ts";
import { distance, noiseField, smoothstep } from "./noise.ts";
import { type Canvas, paintBubbles, paintHairs, paintLensEdge } from "./phantomClutter.ts";
import { paintRuler, paintSticker } from "./phantomClutter.ts";
import { type Lesion, makeLesion } from "./phantomLesion.ts";

/** A made picture and its mask, of one size. */
export interface Phantom {
  readonly image: RgbImage;
  readonly mask: Mask;
}

/** Which phantom. */
export interface PhantomOptions {
  readonly seed: number;
  /** Number of the phantom within its set, from 0. */
  readonly index: number;
  /** Pixels along each side, or height and width; at least 32. */
  readonly size: number | readonly [height: number, width: number];
}

type Colour = readonly [red: number, green: number, blue: number];

/** Skin under the dermatoscope: pale, pink, beige, lilac, tanned. */
const skins: readonly Colour[] = [
  [0.96, 0.91, 0.86],
  [0.95, 0.8, 0.78],
  [0.93, 0.82, 0.7],
  [0.78, 0.74, 0.8],
  [0.9, 0.7, 0.58],
  [0.86, 0.87, 0.83],
  [0.97, 0.84, 0.72],
  [0.9, 0.84, 0.88],
];

/** Absorption of red, green and blue by melanin, haemoglobin, and melanin that lies deep. */
const pigments: readonly Colour[] = [
  [0.55, 1.0, 1.35],
  [0.75, 1.15, 1.25],
  [0.32, 1.05, 1.1],
  [0.95, 1.05, 0.85],
];

/**
 * One labelled picture. The same options give the same bytes on every machine.
 *
 * Colour = skin * light * exp(-density * absorption), with hair, marks and the lens edge over it.
 *
 * @throws {ArgumentError} if a side is no whole number of at least 32.
 */
export function makePhantom({ seed, index, size }: PhantomOptions): Phantom {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  for (const side of [height, width]) {
    if (!Number.isInteger(side) || side < 32) {
      throw new ArgumentError(`phantom: sides must be whole and at least 32 pixels, got ${side}`);
    }
  }
  const random = Random.of(seed, "phantom", index);
  const lesion = makeLesion(random, width, height);
  const canvas = paintSkin(random, width, height);
  addFreckles(random, canvas, lesion);
  paintPigment(random, canvas, lesion);
  paintClutter(random, canvas);
  return { image: develop(random, canvas), mask: lesion.mask };
}

/** Skin with blotches of redness, fine lines, pores, and uneven light. */
function paintSkin(random: Random, width: number, height: number): Canvas {
  const rgb = new Float32Array(width * height * 3);
  const skin = skins[random.int(skins.length)]!;
  const warm = random.normal() * 0.025;
  const light = random.uniform(0.86, 1.08);
  const mottle = noiseField(random, width, height, { cells: 4, octaves: 4, gain: 0.55 });
  const red = noiseField(random, width, height, { cells: random.uniform(3, 7), octaves: 3 });
  const lines = noiseField(random, width, height, {
    cells: random.uniform(12, 22),
    octaves: 2,
    stretch: random.uniform(0.5, 2),
  });
  const mottling = random.uniform(0.015, 0.07);
  const redness = random.uniform(0.02, 0.16);
  const lining = random.uniform(0.01, 0.05);
  const slopeX = random.uniform(-0.16, 0.16);
  const slopeY = random.uniform(-0.16, 0.16);
  const falloff = random.uniform(0, 0.35);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const u = x / width - 0.5;
      const v = y / height - 0.5;
      const lit = light * (1 + slopeX * u + slopeY * v - falloff * (u * u + v * v));
      const line = lining * (1 - 6 * Math.min(1 / 3, Math.abs(lines[i]!)));
      const shade = lit * (1 + mottling * mottle[i]! - Math.max(0, line) * 0.8);
      const flush = redness * Math.max(0, red[i]! + 0.1);
      rgb[3 * i] = shade * (skin[0] + warm) * (1 - 0.15 * flush);
      rgb[3 * i + 1] = shade * skin[1] * (1 - 1.3 * flush);
      rgb[3 * i + 2] = shade * (skin[2] - warm) * (1 - 1.1 * flush);
    }
  }
  return { width, height, rgb };
}

/** Small faint spots of pigment on the bare skin, and specks of the lesion's own outline left outside. */
function addFreckles(random: Random, { width, height }: Canvas, { density }: Lesion): void {
  if (!random.chance(0.45)) return;
  const short = Math.min(width, height);
  const strength = random.uniform(0.08, 0.35);
  for (let n = 2 + random.int(14); n > 0; n--) {
    const radius = random.uniform(0.006, 0.03) * short;
    const centreX = random.next() * width;
    const centreY = random.next() * height;
    const reach = 2 * radius;
    const bottom = Math.min(height - 1, Math.ceil(centreY + reach));
    const right = Math.min(width - 1, Math.ceil(centreX + reach));
    for (let y = Math.max(0, Math.floor(centreY - reach)); y <= bottom; y++) {
      for (let x = Math.max(0, Math.floor(centreX - reach)); x <= right; x++) {
        const away = distance(x - centreX, y - centreY) / radius;
        density[y * width + x]! += strength * smoothstep(1.6, 0.3, away);
      }
    }
  }
}

/** Beer and Lambert: each channel is dimmed by exp(-density * absorption). */
function paintPigment(random: Random, { rgb }: Canvas, { density, tint }: Lesion): void {
  const one = pigments[random.chance(0.6) ? 0 : random.int(pigments.length)]!;
  const other = pigments[random.int(pigments.length)]!;
  for (let i = 0; i < density.length; i++) {
    if (density[i] === 0) continue;
    for (let c = 0; c < 3; c++) {
      const absorption = one[c]! + tint[i]! * (other[c]! - one[c]!);
      rgb[3 * i + c]! *= Math.exp(-density[i]! * absorption);
    }
  }
}

function paintClutter(random: Random, canvas: Canvas): void {
  if (random.chance(0.08)) paintSticker(canvas, random);
  if (random.chance(0.15)) paintRuler(canvas, random);
  const hairiness = random.next();
  if (hairiness > 0.85) paintHairs(canvas, random, 12 + random.int(14));
  else if (hairiness > 0.5) paintHairs(canvas, random, 2 + random.int(7));
  if (random.chance(0.12)) paintBubbles(canvas, random, 1 + random.int(6));
  if (random.chance(0.2)) paintLensEdge(canvas, random);
}

/** 8-bit RGB with a little sensor noise. */
function develop(random: Random, { width, height, rgb }: Canvas): Phantom["image"] {
  const grain = random.uniform(0.8, 3);
  const data = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    // Three uniforms make a bell well enough, and much faster than a normal.
    const common = grain * (random.next() + random.next() + random.next() - 1.5) * 2;
    for (let c = 0; c < 3; c++) {
      const value = rgb[i + c]! * 255 + common + (random.next() - 0.5) * grain;
      data[i + c] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
  return { width, height, data };
}
