import { expect, test } from "vitest";
import { scalar } from "./scalar.ts";

test("a scalar is a float32 constant of shape []", () => {
  const value = scalar(2.5);
  expect(value).toMatchObject({ dtype: "float32", shape: [] });
  expect(value.source).toMatchObject({ kind: "constant", tensor: { data: Float32Array.of(2.5) } });
});
