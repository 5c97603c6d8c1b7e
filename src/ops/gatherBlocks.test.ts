import { expect, test } from "vitest";
import { graphOf } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { toOnnx } from "../graph/toOnnx.ts";
import { constant, input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { add } from "./add.ts";
import { gatherBlocks, type IndexTable } from "./gatherBlocks.ts";
import { mul } from "./mul.ts";

const reference =
  (table: IndexTable) =>
  (x: Reference): Reference =>
    build([x.shape[0]!, table.length, x.shape[2]!], (b, r, d) => at(x, b, table[r]!, d));

test.each<[string, number[], number[]]>([
  ["a permutation", [2, 4, 3], [3, 1, 0, 2]],
  ["rows picked several times, and rows never picked", [2, 5, 2], [0, 0, 4, 0, 2]],
  ["zeros", [1, 3, 4], [-1, 2, -1, 0]],
  ["zeros and repetitions", [3, 4, 1], [1, -1, 1, 3, -1, 1, 0]],
  ["one row", [1, 1, 1], [0]],
  ["nothing but zeros", [2, 3, 2], [-1, -1]],
])("rows picked by a table, and the gradient: %s", async (_name, shape, indices) => {
  const table = Int32Array.from(indices);
  await checkOp((x) => gatherBlocks(x, table), [shape], reference(table));
});

test("rows outside may be anything where nothing depends on them", async () => {
  const table = Int32Array.of(2, -1, 0, 2, -1);
  const mask = constant(tensor([5, 1], [1, 0, 1, 1, 0]));
  await checkOp(
    (x) => mul(gatherBlocks(x, table, { outside: "anything" }), mask),
    [[2, 4, 3]],
    reference(table),
  );
});

test("one table serves operands of several sizes", async () => {
  const table = Int32Array.of(2, -1, 0, 2);
  for (const rows of [3, 5, 9]) {
    await checkOp((x) => gatherBlocks(x, table), [[2, rows, 3]], reference(table));
  }
});

test("one table is one initializer, and is not printed out", () => {
  const table = Int32Array.from({ length: 300 }, (_, i) => i % 7);
  const graph = graphOf("g", {
    y: add(gatherBlocks(input("a", [1, 7, 2]), table), gatherBlocks(input("b", [1, 7, 2]), table)),
  });
  expect(toOnnx(graph).initializers.size).toBe(1);
  expect(printGraph(graph)).toContain('{"table":"300 indices"');
});

test("other ranks and indices outside are refused", () => {
  expectError(
    () => gatherBlocks(input("x", [3, 2]), Int32Array.of(0)),
    ShapeError,
    "gatherBlocks: rank must be 3, got 2",
  );
  for (const index of [-2, 3]) {
    expectError(
      () => gatherBlocks(input("x", [1, 3, 2]), Int32Array.of(0, index)),
      ShapeError,
      `gatherBlocks: indices must lie within -1..2, got ${index}`,
    );
  }
});
