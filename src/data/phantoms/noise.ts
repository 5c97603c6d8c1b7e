/** Smooth random fields: value noise in octaves, the texture of everything in phantoms. */
import type { Random } from "../../base/random.ts";

/** A smooth random field, row by row; values about -1..1, mean near 0. */
export interface NoiseOptions {
  /** Lattice cells along the shorter side; sets the size of the largest blobs. */
  readonly cells: number;
  /** Each octave has twice the cells, default 1. */
  readonly octaves?: number;
  /** Amplitude of an octave relative to the one before, default 0.5. */
  readonly gain?: number;
  /** Cells along x per cells along y, default 1; above 1 the field is stretched along y. */
  readonly stretch?: number;
}

/** Quintic fade, 6 t^5 - 15 t^4 + 10 t^3: no visible lattice lines. */
const fade = (t: number): number => t * t * t * (t * (t * 6 - 15) + 10);

/**
 * Sum over octaves k of gain^k v(2^k x), v random at lattice points and faded between them, divided by the sum of
 * the gains.
 */
export function noiseField(
  random: Random,
  width: number,
  height: number,
  options: NoiseOptions,
): Float32Array {
  const { octaves = 1, gain = 0.5, stretch = 1 } = options;
  const field = new Float32Array(width * height);
  const short = Math.min(width, height);
  let amplitude = 1;
  let total = 0;
  for (let octave = 0; octave < octaves; octave++) {
    const cells = options.cells * 2 ** octave;
    addOctave(field, random, width, height, (cells * stretch) / short, cells / short, amplitude);
    total += amplitude;
    amplitude *= gain;
  }
  for (let i = 0; i < field.length; i++) field[i]! /= total;
  return field;
}

function addOctave(
  field: Float32Array,
  random: Random,
  width: number,
  height: number,
  stepX: number,
  stepY: number,
  amplitude: number,
): void {
  // A random offset keeps lattice points of different octaves apart.
  const shiftX = random.next();
  const shiftY = random.next();
  const columns = Math.floor(shiftX + width * stepX) + 2;
  const rows = Math.floor(shiftY + height * stepY) + 2;
  const lattice = new Float32Array(columns * rows);
  for (let i = 0; i < lattice.length; i++) lattice[i] = (2 * random.next() - 1) * amplitude;

  const left = new Int32Array(width);
  const weight = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const at = shiftX + x * stepX;
    left[x] = Math.floor(at);
    weight[x] = fade(at - left[x]!);
  }
  const line = new Float32Array(columns);
  for (let y = 0; y < height; y++) {
    const at = shiftY + y * stepY;
    const top = Math.floor(at);
    const w = fade(at - top);
    for (let c = 0; c < columns; c++) {
      const a = lattice[top * columns + c]!;
      line[c] = a + w * (lattice[(top + 1) * columns + c]! - a);
    }
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const a = line[left[x]!]!;
      field[i]! += a + weight[x]! * (line[left[x]! + 1]! - a);
    }
  }
}

/** A noise field turned by a random angle, so that the lattice does not show along rows and columns. */
export function turnedNoiseField(
  random: Random,
  width: number,
  height: number,
  options: NoiseOptions,
): Float32Array {
  // A square that covers the picture at any angle; its cells keep the size they have in the picture.
  const side = Math.ceil(Math.hypot(width, height)) + 2;
  const cells = (options.cells * side) / Math.min(width, height);
  const straight = noiseField(random, side, side, { ...options, cells });
  const angle = random.uniform(0, 2 * Math.PI);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const field = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const dx = x - (width - 1) / 2;
      const dy = y - (height - 1) / 2;
      const sx = cos * dx - sin * dy + (side - 1) / 2;
      const sy = sin * dx + cos * dy + (side - 1) / 2;
      const at = Math.floor(sy) * side + Math.floor(sx);
      const fx = sx - Math.floor(sx);
      const fy = sy - Math.floor(sy);
      const top = straight[at]! + fx * (straight[at + 1]! - straight[at]!);
      const low = straight[at + side]! + fx * (straight[at + side + 1]! - straight[at + side]!);
      field[i] = top + fy * (low - top);
    }
  }
  return field;
}

/** 0 below `low`, 1 above `high`, 3 t^2 - 2 t^3 between. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** sqrt(x^2 + y^2); `Math.hypot` guards against overflow and takes ten times as long. */
export const distance = (x: number, y: number): number => Math.sqrt(x * x + y * y);
