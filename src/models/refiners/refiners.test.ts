import { describe, expect, test } from "vitest";
import { backward } from "../../autodiff/backward.ts";
import { ArgumentError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { constant, input, type Value } from "../../graph/value.ts";
import { initialValue } from "../../nn/init.ts";
import { Scope } from "../../nn/scope.ts";
import { mul } from "../../ops/mul.ts";
import { sum } from "../../ops/sum.ts";
import { sizeOf, type Shape } from "../../tensor/shape.ts";
import { tensor, type Tensor } from "../../tensor/tensor.ts";
import { evaluate, numbersOf } from "../../../test/helpers/evaluate.ts";
import { expectError } from "../../../test/helpers/expectError.ts";
import type { RefinerEntry } from "./refiner.ts";
import { refiners } from "./refiners.ts";
import { sgdc, type SgdcOptions } from "./sgdc.ts";

const draw = (shape: Shape, name: string): Tensor<"float32"> => {
  const random = Random.of("refiners", name);
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-1, 1)),
  );
};

/** Runs a block in training mode; returns its output and the gradients of a weighted sum by name. */
async function run(
  build: (p: Scope, x: Value, guidance: Value) => Value,
  xShape: Shape,
): Promise<{ y: Tensor; gradients: Map<string, number[]> }> {
  const { scope, registry } = Scope.root({ kind: "train" });
  const [x, g] = [input("x", xShape), input("g", [xShape[0]!, 4, 5, 6])];
  const y = build(scope, x, g);
  const specs = [...registry.parameters.values()].filter(({ spec }) => spec.trained);
  const wanted = [x, g, ...specs.map(({ value }) => value)];
  const names = ["x", "g", ...specs.map(({ spec }) => spec.name)];
  const loss = sum(mul(y, constant(draw(y.shape, "weights"))));
  const outputs: Record<string, Value> = { y };
  backward(loss, wanted).forEach((gradient, i) => {
    if (gradient) outputs[`grad ${names[i]!}`] = gradient;
  });
  const feeds: Record<string, Tensor> = { x: draw(xShape, "x"), g: draw(g.shape, "g") };
  for (const { spec } of registry.parameters.values()) {
    feeds[spec.name] = initialValue(spec.name, spec.shape, spec.init, 1);
  }
  const results = await evaluate(outputs, feeds);
  const gradients = new Map(
    names.flatMap((name) => {
      const result = results[`grad ${name}`];
      return result ? [[name, numbersOf(result)] as const] : [];
    }),
  );
  return { y: results.y!, gradients };
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));
const entries = Object.entries<RefinerEntry>(refiners);

describe.each(entries)("%s in SGDC's place", (name, { refine }) => {
  // Maps below 7 x 7 as well: the deepest level of a small image is one.
  test.each([
    [8, 12],
    [4, 4],
  ])("a map of %i x %i keeps its shape; every gradient is finite", async (height, width) => {
    const shape = [2, 16, height, width];
    const { y, gradients } = await run((p, x, g) => refine(p, x, g), shape);
    expect(y.shape).toEqual(shape);
    expect(numbersOf(y).every(Number.isFinite)).toBe(true);
    for (const [of, gradient] of gradients) {
      expect(gradient.every(Number.isFinite), `gradient of ${of}`).toBe(true);
    }
  });

  test("the guidance has a say where it is taken, and none where it is not given", async () => {
    const shape = [2, 16, 8, 8];
    const guided = await run((p, x, g) => refine(p, x, g, { layerScaleStart: 1 }), shape);
    if (name === "none") expect(guided.gradients.has("g")).toBe(false);
    else expect(largest(guided.gradients.get("g") ?? [0])).toBeGreaterThan(1e-4);
    const alone = await run((p, x) => refine(p, x, null, { layerScaleStart: 1 }), shape);
    expect(alone.gradients.has("g")).toBe(false);
    expect(alone.y.shape).toEqual(shape);
  });
});

describe("SGDC without one of its branches", () => {
  const parameters = async (options: SgdcOptions): Promise<string[]> => {
    const { gradients } = await run(
      (p, x, g) => sgdc(p, x, g, { layerScaleStart: 1, ...options }),
      [1, 8, 6, 6],
    );
    return [...gradients.keys()];
  };

  test("the local branch takes its convolution with it, the dynamic one its taps", async () => {
    const full = await parameters({});
    expect(full).toContain("dwconv.weight");
    expect(await parameters({ local: false })).toEqual(
      full.filter((name) => !name.startsWith("dwconv")),
    );
    const { scope, registry } = Scope.root({ kind: "train" });
    sgdc(scope, input("x", [1, 8, 6, 6]), input("g", [1, 4, 3, 3]), { dynamic: false });
    expect(registry.parameters.get("attn.weight")!.spec.shape).toEqual([8, 8, 1, 1]);
  });

  test("neither branch is refused", () => {
    expectError(
      () =>
        sgdc(
          Scope.root({ kind: "train" }).scope.at("s"),
          input("x", [1, 8, 6, 6]),
          input("g", [1, 4, 3, 3]),
          { local: false, dynamic: false },
        ),
      ArgumentError,
      "sgdc at s: a branch must be on, got neither",
    );
  });
});

test("channels that do not fit are refused by name", () => {
  const at = (): Scope => Scope.root({ kind: "train" }).scope.at("r");
  const [x, g] = [input("x", [2, 12, 8, 8]), input("g", [2, 4, 4, 4])];
  expectError(
    () => refiners.involution.refine(at(), x, g),
    ArgumentError,
    "involution at r.op: channels must be a multiple of 16 and sizes of the stride 1, got 12 channels at 8 x 8",
  );
  expectError(
    () => refiners.lsConv.refine(at(), x, g),
    ArgumentError,
    "lsConv at r.op: channels must be a multiple of 8, got 12",
  );
  expectError(
    () => refiners.contMix.refine(at(), x, g),
    ArgumentError,
    "contMix at r: channels must be a multiple of 8 (4 heads), got 12",
  );
});
