import { expect, test } from "vitest";
import { initialValue } from "./init.ts";

test("steps are spread evenly over the logarithms between their bounds", () => {
  const { data } = initialValue("dt_bias", [4000], { kind: "step", least: 1e-3, most: 0.1 }, 1);
  const logarithms = [...data]
    .map((x) => Math.log10(Math.log1p(Math.exp(x))))
    .sort((a, b) => a - b);
  expect(logarithms[0]).toBeGreaterThan(-3.0001);
  expect(logarithms.at(-1)).toBeLessThan(-0.9999);
  for (const share of [0.25, 0.5, 0.75]) {
    expect(Math.abs(logarithms[share * 4000]! - (-3 + 2 * share))).toBeLessThan(0.1);
  }
});
