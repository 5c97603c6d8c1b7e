import { expect, test } from "vitest";
import { liThreshold, otsuThreshold } from "./thresholds.ts";

const two = (low: number, high: number, share: number): Float64Array =>
  Float64Array.from({ length: 100 }, (_, i) => (i < 100 * share ? high : low) + 0.001 * (i % 10));

test("Otsu's threshold lies between two levels, whatever their shares", () => {
  for (const share of [0.1, 0.5, 0.9]) {
    const t = otsuThreshold(two(0.2, 0.7, share));
    expect(t).toBeGreaterThan(0.209);
    expect(t).toBeLessThan(0.71);
  }
  expect(otsuThreshold(new Float64Array(5).fill(0.3))).toBe(0.5);
});

test("Li's threshold is the fixed point of its own equation, below Otsu's where the light is rare", () => {
  const values = Float64Array.from([0.1, 0.1, 0.1, 0.2, 0.2, 0.4, 0.9, 1]);
  const t = liThreshold(values);
  const mean = (some: readonly number[]): number => some.reduce((a, b) => a + b, 0) / some.length;
  const [low, high] = [
    mean([...values].filter((v) => v <= t)),
    mean([...values].filter((v) => v > t)),
  ];
  expect((high - low) / (Math.log(high) - Math.log(low))).toBeCloseTo(t, 2);
  expect(t).toBeGreaterThan(0.2);
  expect(t).toBeLessThan(0.9);
});
