import { test } from "vitest";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { neg } from "./neg.ts";

test.each(singles)("a negative and its gradient: %j", async (shape) => {
  await checkOp(
    neg,
    [shape],
    elementwise((x) => -x),
  );
});
