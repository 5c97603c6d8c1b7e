import { expect, test } from "vitest";
import { Random } from "../../base/random.ts";
import { normals } from "./normals.ts";

test("normal numbers have mean 0, deviation 1, and the tails of a normal distribution", () => {
  const values = normals(new Random(2), 40_000);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(Math.sqrt(variance) - 1)).toBeLessThan(0.01);
  const beyond2 = values.filter((v) => Math.abs(v) > 2).length / values.length;
  expect(Math.abs(beyond2 - 0.0455)).toBeLessThan(0.004);
});

test("both numbers of a pair are independent, and an odd count is as long as asked", () => {
  const values = normals(new Random(3), 20_001);
  expect(values.length).toBe(20_001);
  let product = 0;
  for (let i = 0; i < 20_000; i += 2) product += values[i]! * values[i + 1]!;
  expect(Math.abs(product / 10_000)).toBeLessThan(0.03);
});
