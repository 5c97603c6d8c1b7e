/** The lesion of a phantom: its outline, its mask, and how much pigment lies where. */
import type { Random } from "../../base/random.ts";
import type { Mask } from "../../tensor/raster.ts";
import { distance, noiseField, smoothstep, turnedNoiseField } from "./noise.ts";

/** Outline and pigment of one lesion. */
export interface Lesion {
  readonly mask: Mask;
  /** Optical density per pixel, 0 on bare skin, about 1 in a lesion of full contrast. */
  readonly density: Float32Array;
  /** 0..1 per pixel: mix of the two pigments of the lesion. */
  readonly tint: Float32Array;
}

/** A lesion: an ellipse whose radius is disturbed by noise, f = 1 - rho + noise; the mask is f > 0. */
export function makeLesion(random: Random, width: number, height: number): Lesion {
  const short = Math.min(width, height);
  const radius = 0.12 + 0.3 * random.next() ** 1.4;
  const f = outline(random, width, height, radius);
  const mask: Mask = { width, height, data: oneBlob(f, width, height) };

  const soft = random.uniform(0.05, 0.09) + (random.chance(0.4) ? random.uniform(0, 0.16) : 0);
  const contrast = random.chance(0.35) ? random.uniform(0.26, 0.42) : random.uniform(0.42, 1.2);
  const pattern = texture(random, width, height, radius);
  const blotches = noiseField(random, width, height, { cells: 0.9 / radius, octaves: 3 });
  const unevenness = random.uniform(0.2, 0.75);
  const tint = noiseField(random, width, height, { cells: 0.7 / radius, octaves: 2 });

  // A darker or paler part, off the centre.
  const partDensity = random.chance(0.35) ? random.uniform(0.3, 0.9) : 0;
  const pale = random.chance(0.2) ? random.uniform(0.3, 0.7) : 0;
  const angle = random.uniform(0, 2 * Math.PI);
  const partX = width / 2 + Math.cos(angle) * radius * 0.4 * short;
  const partY = height / 2 + Math.sin(angle) * radius * 0.4 * short;
  const partRadius = random.uniform(0.25, 0.5) * radius * short;

  const density = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const edge = smoothstep(-soft, soft, f[i]!);
      if (edge > 0) {
        const away = distance(x - partX, y - partY) / partRadius;
        const part = partDensity * smoothstep(1.4, 0.5, away + 0.5 * blotches[i]!);
        const middle = 1 - pale * smoothstep(0.35, 0.75, f[i]!);
        const inner = 0.75 + unevenness * blotches[i]! + 0.35 * pattern[i]!;
        density[i] = edge * contrast * (Math.max(0.3, inner) * middle + part);
      }
      tint[i] = smoothstep(-0.5, 0.5, tint[i]!);
    }
  }
  return { mask, density, tint };
}

/** f = 1 - rho + noise: 0 on the outline, 1 in the middle, in units of the radius. */
function outline(random: Random, width: number, height: number, radius: number): Float32Array {
  const short = Math.min(width, height);
  const reach = Math.max(0.03, 0.4 - radius);
  const centreX = width / 2 + random.uniform(-reach, reach) * 0.7 * short;
  const centreY = height / 2 + random.uniform(-reach, reach) * 0.7 * short;
  const angle = random.uniform(0, Math.PI);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const aspect = random.uniform(0.62, 1);
  const long = (radius * short) / Math.sqrt(aspect);
  const brief = radius * short * Math.sqrt(aspect);
  const lobes = noiseField(random, width, height, { cells: 0.8 / radius, octaves: 2 });
  const lobeSize = random.uniform(0.15, 0.5);
  const rags = turnedNoiseField(random, width, height, {
    cells: 3 / radius,
    octaves: 3,
    gain: 0.6,
  });
  const ragSize = random.uniform(0.03, 0.28);

  const f = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const dx = x - centreX;
      const dy = y - centreY;
      const rho = distance((cos * dx + sin * dy) / long, (cos * dy - sin * dx) / brief);
      f[i] = 1 - rho + lobeSize * lobes[i]! + ragSize * rags[i]!;
    }
  }
  return f;
}

/** Fine structure of the pigment, about -1..1: grains, a network, globules or streaks. */
function texture(random: Random, width: number, height: number, radius: number): Float32Array {
  const kind = random.int(4);
  const strength = random.uniform(0.4, 1.1);
  if (kind === 0) {
    const grains = { cells: random.uniform(16, 30), octaves: 3, gain: 0.8 };
    return turnedNoiseField(random, width, height, grains).map((v) => 1.6 * strength * v);
  }
  if (kind === 3) {
    const streaks = {
      cells: 1.2 / radius,
      octaves: 4,
      gain: 0.7,
      stretch: random.uniform(2.5, 5),
    };
    return turnedNoiseField(random, width, height, streaks).map((v) => 1.8 * strength * v);
  }
  const cells = random.uniform(12, 24);
  const field = turnedNoiseField(random, width, height, { cells, octaves: 3, gain: 0.6 });
  // Ridges where the noise crosses 0 make a net; peaks make globules.
  return kind === 1
    ? field.map((v) => strength * (0.8 - 4.5 * Math.min(0.36, Math.abs(v))))
    : field.map((v) => strength * (1.5 * smoothstep(-0.1, 0.6, v) - 0.5));
}

/** 1 on the largest connected region of f > 0, holes filled: annotators draw one closed line. */
function oneBlob(f: Float32Array, width: number, height: number): Uint8Array {
  // Plain loops: `Uint8Array.from` with a function walks an iterator, at 20 times the cost.
  const inside = new Uint8Array(f.length);
  for (let i = 0; i < f.length; i++) inside[i] = f[i]! > 0 ? 1 : 0;
  const label = new Uint16Array(f.length);
  let best = 0;
  let most = 0;
  for (let start = 0, next = 1; start < f.length; start++) {
    if (inside[start] === 0 || label[start] !== 0) continue;
    const count = flood(inside, start, width, label, next);
    if (count > most) {
      most = count;
      best = next;
    }
    next++;
  }
  // Background that cannot be reached from the border of the picture is a hole.
  const open = new Uint8Array(f.length);
  for (let i = 0; i < f.length; i++) open[i] = label[i] === best && most > 0 ? 0 : 1;
  const outside = new Uint16Array(f.length);
  const enter = (i: number) => {
    if (open[i] === 1 && outside[i] === 0) flood(open, i, width, outside, 1);
  };
  for (let x = 0; x < width; x++) {
    enter(x);
    enter((height - 1) * width + x);
  }
  for (let y = 0; y < height; y++) {
    enter(y * width);
    enter(y * width + width - 1);
  }
  const blob = new Uint8Array(f.length);
  for (let i = 0; i < f.length; i++) blob[i] = 1 - outside[i]!;
  return blob;
}

/** Labels all that is 4-connected to `start` within `open`; returns the number of pixels. */
function flood(
  open: Uint8Array,
  start: number,
  width: number,
  label: Uint16Array,
  mark: number,
): number {
  const stack = [start];
  label[start] = mark;
  let count = 0;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    count++;
    const x = i % width;
    if (x > 0 && open[i - 1] === 1 && label[i - 1] === 0) {
      label[i - 1] = mark;
      stack.push(i - 1);
    }
    if (x < width - 1 && open[i + 1] === 1 && label[i + 1] === 0) {
      label[i + 1] = mark;
      stack.push(i + 1);
    }
    if (i >= width && open[i - width] === 1 && label[i - width] === 0) {
      label[i - width] = mark;
      stack.push(i - width);
    }
    if (i + width < open.length && open[i + width] === 1 && label[i + width] === 0) {
      label[i + width] = mark;
      stack.push(i + width);
    }
  }
  return count;
}
