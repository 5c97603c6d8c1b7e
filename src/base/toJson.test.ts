import { expect, test } from "vitest";
import { toJson } from "./toJson.ts";

test("JSON says null for NaN and spells infinity out", () => {
  expect(JSON.parse(toJson({ a: NaN, b: [Infinity, -Infinity, 1.5], c: "NaN" }))).toEqual({
    a: null,
    b: ["Infinity", "-Infinity", 1.5],
    c: "NaN",
  });
});
