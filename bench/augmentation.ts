/** Augmentation: what each operation costs, and all of them together. */
import { augment } from "../src/data/augment/augment.ts";
import { augmentOperations, type AugmentOptions } from "../src/data/augment/augmentOptions.ts";
import { makePhantom } from "../src/data/phantoms/phantom.ts";
import { Random } from "../src/base/random.ts";
import type { BenchCase, BenchOptions, Benchmark, Measurement } from "./benchmark.ts";
import { measure } from "./measure.ts";

/** These operations always, the others never. */
const always = (names: readonly string[]): AugmentOptions =>
  Object.fromEntries(augmentOperations.map((name) => [name, names.includes(name) ? 1 : 0]));

/** One call: as many draws, of which some change nothing. */
const images = 16;

const defaults: AugmentOptions = {};

const sets: readonly (readonly [name: string, options: AugmentOptions])[] = [
  ["default: flips and rotation, each half of the time", defaults],
  ...augmentOperations.map((name) => [name, always([name])] as const),
  ["all", always(augmentOperations)],
];

const caseOf = (size: number): BenchCase => ({
  name: `${size} x ${size}`,
  async run({ quick }: BenchOptions): Promise<Measurement> {
    const { image, mask } = makePhantom({ seed: 0, index: 0, size });
    const labels = { width: size, height: size, classes: mask.data };
    const rows = [];
    for (const [name, options] of sets) {
      const timing = await measure(
        () => {
          for (let n = 0; n < images; n++) augment({ image, labels }, Random.of(0, n), options);
        },
        { repeats: quick ? 3 : 12, warmUp: quick ? 1 : 3 },
      );
      const seconds = 0.003 * images;
      const isTarget = options === defaults && size === 128;
      rows.push({ name, timing, images, ...(isTarget && { target: { seconds } }) });
    }
    return { rows };
  },
});

export const augmentation: Benchmark = {
  name: "augmentation",
  about: "each operation of augmentation, 16 samples a call",
  countsArithmetic: false,
  cases: ({ quick }) => (quick ? [caseOf(128)] : [caseOf(128), caseOf(256)]),
};
