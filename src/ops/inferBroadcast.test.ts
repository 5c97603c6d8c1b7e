import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { inferBroadcast, inferSame } from "./inferBroadcast.ts";

test("the type of a result is the common dtype and the broadcast shape", () => {
  const values = [input("a", [2, 1, 5]), input("b", [3, 1]), input("c", [])];
  expect(inferBroadcast(...values)).toEqual({ dtype: "float32", shape: [2, 3, 5] });
  expect(inferSame([input("a", [2], "int64")])).toEqual({ dtype: "int64", shape: [2] });
});

test("operands of different dtypes are refused", () => {
  expectError(
    () => inferBroadcast(input("a", [2]), input("b", [2], "int64")),
    ShapeError,
    "dtypes must be equal, got float32 and int64",
  );
});

test("shapes that do not broadcast are refused", () => {
  expectError(
    () => inferBroadcast(input("a", [2]), input("b", [1]), input("c", [3])),
    ShapeError,
    "shapes must broadcast, got [2] and [1] and [3]",
  );
});
