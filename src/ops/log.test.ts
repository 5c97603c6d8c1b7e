import { test } from "vitest";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { log } from "./log.ts";

test.each(singles)("a logarithm and its gradient: %j", async (shape) => {
  await checkOp(
    log,
    [shape],
    elementwise((x) => Math.log(x)),
    { range: [0.1, 4] },
  );
});
