import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { clipGlobalNorm, clipValue, globalNorm } from "./clip.ts";
import { createEma } from "./ema.ts";
import { createOptimizer, type OptimizerOptions } from "./optimizer.ts";
import { learningRateAt, type ScheduleOptions } from "./schedule.ts";

type Lists = Record<string, number[]>;

interface Fixture {
  rates: number[];
  cases: Record<
    string,
    { options: OptimizerOptions; start: Lists; gradients: Lists[]; end: Lists; state: Lists }
  >;
  clipping: { kind: string; limit: number; norm: number | null; before: Lists; after: Lists }[];
  schedules: {
    epochs: number;
    base: number;
    cases: Record<string, { options: ScheduleOptions; rates: number[] }>;
  };
}

/** Made by scripts/fixtures/optim.py with PyTorch. */
const fixture = JSON.parse(
  readFileSync(new URL("../../test/fixtures/optim.json", import.meta.url), "utf8"),
) as Fixture;

const arrays = (lists: Lists): Map<string, Float32Array> =>
  new Map(Object.entries(lists).map(([name, list]) => [name, Float32Array.from(list)]));

/** A few float32 roundings: PyTorch rounds each intermediate, we round once per stored value. */
function expectClose(actual: ArrayLike<number>, expected: number[], share = 2e-6): void {
  const scale = Math.max(...expected.map(Math.abs), 1e-30);
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value) / scale).toBeLessThan(share);
  });
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ArgumentError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("optimizers", () => {
  for (const [name, { options, start, gradients, end, state }] of Object.entries(fixture.cases)) {
    it(`step as PyTorch does: ${name}`, () => {
      const parameters = arrays(start);
      const optimizer = createOptimizer(options, parameters);
      gradients.forEach((g, i) => {
        optimizer.step(arrays(g), fixture.rates[i]!);
      });
      for (const [key, values] of Object.entries(end)) expectClose(parameters.get(key)!, values);
      for (const [key, values] of Object.entries(state)) {
        expectClose(optimizer.state.get(key)!, values);
      }
      expect(optimizer.state.get("step")).toEqual(Float32Array.of(gradients.length));
    });
  }

  it("go on from saved state bit for bit", () => {
    const { options, start, gradients } = fixture.cases["adamW"]!;
    const whole = arrays(start);
    const one = createOptimizer(options, whole);
    const halved = arrays(start);
    const first = createOptimizer(options, halved);
    for (const g of gradients) one.step(arrays(g), 0.01);
    for (const g of gradients.slice(0, 5)) first.step(arrays(g), 0.01);
    const second = createOptimizer(options, halved);
    for (const [key, values] of first.state) second.state.get(key)!.set(values);
    for (const g of gradients.slice(5)) second.step(arrays(g), 0.01);
    expect(halved).toEqual(whole);
    expect(second.state).toEqual(one.state);
  });

  it("refuse gradients that do not fit, and change nothing", () => {
    const parameters = new Map([["w", Float32Array.of(1, 2)]]);
    const optimizer = createOptimizer({ name: "adam" }, parameters);
    expect(
      messageOf(() => {
        optimizer.step(new Map(), 1);
      }),
    ).toBe('gradients: "w" must have 2 values, got no such array');
    expect(
      messageOf(() => {
        optimizer.step(new Map([["w", new Float32Array(3)]]), 1);
      }),
    ).toBe('gradients: "w" must have 2 values, got 3');
    const extra = new Map([
      ["w", new Float32Array(2)],
      ["v", new Float32Array(2)],
    ]);
    expect(
      messageOf(() => {
        optimizer.step(extra, 1);
      }),
    ).toBe('gradients: every name must be a known one, got "v"');
    expect(parameters.get("w")).toEqual(Float32Array.of(1, 2));
    expect(optimizer.state.get("step")).toEqual(Float32Array.of(0));
  });
});

describe("gradient clipping", () => {
  it("agrees with PyTorch by norm and by value", () => {
    for (const { kind, limit, norm, before, after } of fixture.clipping) {
      const gradients = arrays(before);
      if (kind === "norm") expect(clipGlobalNorm(gradients, limit)).toBeCloseTo(norm!, 5);
      else clipValue(gradients, limit);
      for (const [key, values] of Object.entries(after)) expectClose(gradients.get(key)!, values);
    }
  });

  it("leaves everything alone when the norm is not finite", () => {
    const gradients = new Map([["w", Float32Array.of(1, NaN)]]);
    expect(clipGlobalNorm(gradients, 0.1)).toBeNaN();
    expect(gradients.get("w")).toEqual(Float32Array.of(1, NaN));
    expect(globalNorm(new Map())).toBe(0);
  });
});

describe("learningRateAt", () => {
  const { epochs, base, cases } = fixture.schedules;
  for (const [name, { options, rates }] of Object.entries(cases)) {
    it(`follows PyTorch by epoch: ${name}`, () => {
      rates.forEach((rate, epoch) => {
        const moment = { epoch, step: 3, epochs, stepsPerEpoch: 7 };
        expect(learningRateAt(base, options, moment)).toBeCloseTo(rate, 12);
      });
    });
  }

  it("moves within the epoch when the unit is the step", () => {
    const options = { name: "polynomial", power: 1, unit: "step" } as const;
    const moment = { epoch: 1, step: 1, epochs: 4, stepsPerEpoch: 2 };
    expect(learningRateAt(1, options, moment)).toBeCloseTo(1 - 1.5 / 4, 12);
  });

  it("warms up linearly, step by step, to the full rate", () => {
    const options = { name: "constant", warmupEpochs: 1.5 } as const;
    const rates = [0, 1, 2, 3, 4].map((n) =>
      learningRateAt(6, options, { epoch: n >> 1, step: n & 1, epochs: 9, stepsPerEpoch: 2 }),
    );
    expect(rates).toEqual([2, 4, 6, 6, 6]);
  });
});

describe("createEma", () => {
  it("averages with a decay that grows to its limit", () => {
    const live = new Map([["w", Float32Array.of(0)]]);
    const ema = createEma(live, 0.15);
    live.get("w")![0] = 1;
    ema.update(); // decay 1/10
    expect(ema.state.get("w")![0]).toBeCloseTo(0.9, 6);
    live.get("w")![0] = 2;
    ema.update(); // decay min(0.15, 2/11)
    expect(ema.state.get("w")![0]).toBeCloseTo(0.9 + 0.85 * 1.1, 6);
  });

  it("swaps back and forth without losing a bit, and keeps the live arrays", () => {
    const values = Float32Array.of(0.1, 0.2);
    const live = new Map([["w", values]]);
    const ema = createEma(live, 0.9);
    values.set([1 / 3, 5]);
    ema.update();
    const average = ema.state.get("w")!.slice();
    ema.swap();
    expect(live.get("w")).toBe(values);
    expect(values).toEqual(average);
    ema.swap();
    expect(values).toEqual(Float32Array.of(1 / 3, 5));
    expect(ema.state.get("w")).toEqual(average);
  });
});
