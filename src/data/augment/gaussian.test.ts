import { expect, test } from "vitest";
import { gaussianKernel, smooth } from "./gaussian.ts";

test("a kernel sums to 1, is symmetric and falls as the Gaussian does", () => {
  const kernel = gaussianKernel(1.5, 6);
  expect(kernel.length).toBe(13);
  expect(kernel.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  expect(kernel[2]).toBe(kernel[10]);
  expect(kernel[8]! / kernel[6]!).toBeCloseTo(Math.exp(-4 / (2 * 1.5 ** 2)), 12);
  expect([...gaussianKernel(0, 1)]).toEqual([0, 1, 0]);
});

test("smoothing equals the plain sum over both axes, for both borders and any size", () => {
  const kernel = gaussianKernel(1.1, 4);
  for (const [width, height, channels] of [
    [7, 5, 1],
    [2, 9, 3],
    [1, 1, 2],
  ] as const) {
    const values = Float32Array.from(
      { length: width * height * channels },
      (_, i) => (i * 37) % 11,
    );
    for (const border of ["reflect101", "replicate"] as const) {
      const index = (i: number, size: number): number => {
        if (border === "replicate") return Math.min(size - 1, Math.max(0, i));
        let at = i;
        while (size > 1 && (at < 0 || at >= size)) at = at < 0 ? -at : 2 * (size - 1) - at;
        return size > 1 ? at : 0;
      };
      const smoothed = smooth(values, width, height, channels, kernel, border);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            for (let j = -4; j <= 4; j++) {
              for (let i = -4; i <= 4; i++) {
                const at = index(y + j, height) * width + index(x + i, width);
                sum += kernel[j + 4]! * kernel[i + 4]! * values[at * channels + c]!;
              }
            }
            expect(smoothed[(y * width + x) * channels + c]).toBeCloseTo(sum, 5);
          }
        }
      }
    }
  }
});
