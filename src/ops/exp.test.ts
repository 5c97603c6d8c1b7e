import { test } from "vitest";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { exp } from "./exp.ts";

test.each(singles)("an exponential and its gradient: %j", async (shape) => {
  await checkOp(
    exp,
    [shape],
    elementwise((x) => Math.exp(x)),
    { range: [-3, 3] },
  );
});
