import { test } from "vitest";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { exp } from "./exp.ts";

test.each(singles)("e to the power of x and its gradient: %j", async (shape) => {
  await checkOp(exp, [shape], elementwise(Math.exp), { range: [-3, 3] });
});
