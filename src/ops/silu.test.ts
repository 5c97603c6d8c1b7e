import { test } from "vitest";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { silu } from "./silu.ts";

test.each(singles)("a silu and its gradient: %j", async (shape) => {
  const reference = elementwise((x) => x / (1 + Math.exp(-x)));
  await checkOp(silu, [shape], reference, { range: [-5, 5] });
});
