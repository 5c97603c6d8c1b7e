import { test } from "vitest";
import { apply, defineOp, input, type Emitter, type Value } from "../graph/value.ts";
import { Random } from "../base/random.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";
import { expectClose, type Reference } from "../../test/helpers/checkOp.ts";
import { evaluate, numbersOf } from "../../test/helpers/evaluate.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import {
  emitAffine,
  emitAffineAdd,
  emitChannelDot,
  emitChannelSum,
  emitScale,
} from "./channelwise.ts";

// Both sides of the switch to convolutions, batches of one and more.
const shapes = [
  [1, 3, 16, 16],
  [1, 3, 1, 257],
  [2, 5, 3, 1],
  [3, 2, 17, 18],
];

/** Emits with `emit` from operands x, z, scale, shift and compares with `reference`. */
async function check(
  shape: Shape,
  result: Shape,
  emit: (e: Emitter, operands: readonly [string, string, string, string]) => string,
  reference: (x: Reference, z: Reference, scale: Reference, shift: Reference) => Reference,
): Promise<void> {
  const random = Random.of("channelwise", shape.join());
  const each = [shape[1]!];
  const operands = [shape, shape, each, each].map((s) =>
    tensor(
      s,
      Float32Array.from({ length: sizeOf(s) }, () => random.uniform(-1, 1)),
    ),
  );
  const op = defineOp<readonly [x: Value, z: Value, scale: Value, shift: Value]>({
    name: "emitted",
    infer: () => ({ dtype: "float32", shape: result }),
    emit: (e, [x, z, scale, shift]) => emit(e, [x, z, scale, shift]),
    grad: () => [],
  });
  const [x0, z0, scale0, shift0] = operands.map((o, i) => input(`x${i}`, o.shape)) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const y = apply(op, [x0, z0, scale0, shift0]);
  const [x, z, scale, shift] = operands.map((o) => ({
    shape: o.shape,
    data: Float64Array.from(o.data),
  }));
  const expected = reference(x!, z!, scale!, shift!);
  for (const target of ["cpu", "portable"] as const) {
    const feeds = Object.fromEntries(operands.map((o, i) => [`x${i}`, o]));
    const results = await evaluate({ y }, feeds, target);
    expectClose(numbersOf(results.y!), expected.data, 1e-5, target);
  }
}

const sumOver = (f: (...index: [number, number, number, number]) => number, shape: Shape) => {
  const [n, c, height, width] = shape as [number, number, number, number];
  return build([c], (k) =>
    total(n, (b) => total(height, (i) => total(width, (j) => f(b, k, i, j)))),
  );
};

test.each(shapes)("sums over batch and map: [%i, %i, %i, %i]", async (...shape) => {
  const each = [shape[1]!];
  await check(
    shape,
    each,
    (e, [x]) => emitChannelSum(e, x, shape),
    (x) => sumOver((...i) => at(x, ...i), shape),
  );
  await check(
    shape,
    each,
    (e, [x, z]) => emitChannelDot(e, x, z, shape),
    (x, z) => sumOver((...i) => at(x, ...i) * at(z, ...i), shape),
  );
});

test.each(shapes)("affine maps of channels: [%i, %i, %i, %i]", async (...shape) => {
  await check(
    shape,
    shape,
    (e, [x, , scale]) => emitScale(e, x, scale, shape),
    (x, _z, scale) => build(shape, (...i) => at(x, ...i) * scale.data[i[1]!]!),
  );
  await check(
    shape,
    shape,
    (e, [x, , scale, shift]) => emitAffine(e, x, scale, shift, shape),
    (x, _z, scale, shift) =>
      build(shape, (...i) => at(x, ...i) * scale.data[i[1]!]! + shift.data[i[1]!]!),
  );
  await check(
    shape,
    shape,
    (e, [x, z, scale, shift]) => emitAffineAdd(e, x, scale, shift, z, shape),
    (x, z, scale, shift) =>
      build(shape, (...i) => at(z, ...i) + at(x, ...i) * scale.data[i[1]!]! + shift.data[i[1]!]!),
  );
});
