import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { input } from "../graph/value.ts";
import { Scope } from "../nn/scope.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { sizedOptions, type Network, type NetworkOutputs } from "./network.ts";
import { networkNamed, networks } from "./registry.ts";

/** The least image that the network takes. */
const sideOf = ({ sides }: Network): number =>
  Math.ceil(sides.least / sides.multipleOf) * sides.multipleOf;

const traced = (
  network: Network,
  size: string,
  side = sideOf(network),
  channels = 3,
): NetworkOutputs =>
  network.trace(
    Scope.root({ kind: "evaluate" }).scope,
    input("image", [1, 3, side, side]),
    channels,
    sizedOptions(network, size),
  );

describe.each(networks.map((network) => [network.name, network] as const))(
  "%s",
  (name, network) => {
    it("is found by its name, which is words with hyphens", () => {
      expect(networkNamed(name)).toBe(network);
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    });

    it.each(Object.keys(network.sizes))("keeps its contract in size %s", (size) => {
      const side = sideOf(network);
      const { logits, auxiliary, edge, maps = {} } = traced(network, size);
      const heads = network.heads(sizedOptions(network, size));
      expect(logits.shape).toEqual([1, 3, side, side]);
      for (const other of auxiliary ?? []) expect(other.shape).toEqual(logits.shape);
      expect((auxiliary ?? []).length > 0).toBe(heads.includes("auxiliary"));
      if (heads.includes("edge")) expect(edge?.shape).toEqual([1, 1, side, side]);
      else expect(edge).toBeUndefined();
      for (const map of Object.values(maps)) expect(map.shape).toHaveLength(4);
    });

    it("has parameters where its encoder is said to be", () => {
      const { scope, registry } = Scope.root({ kind: "evaluate" });
      const side = sideOf(network);
      network.trace(scope, input("image", [1, 3, side, side]), 1, sizedOptions(network, undefined));
      const names = [...registry.parameters.keys()];
      const { encoder } = network;
      if (encoder) {
        const inside = names.filter((parameter) => parameter.startsWith(encoder.prefix));
        expect(inside.length).toBeGreaterThan(0);
        expect(inside.length).toBeLessThan(names.length);
      }
      expect(names.length).toBeGreaterThan(0);
    });

    it("describes every option", () => {
      for (const [key, field] of Object.entries(network.options.shape)) {
        expect(field, key).toHaveProperty("description", expect.stringMatching(/\w/));
      }
    });

    it("refuses unknown options, and images that are too small or no multiples", () => {
      const side = sideOf(network);
      const trace = (height: number, options: object) => () =>
        network.trace(
          Scope.root({ kind: "evaluate" }).scope,
          input("image", [1, 3, height, side]),
          1,
          { ...options },
        );
      expectError(
        trace(side, { novelty: 1 }),
        ArgumentError,
        `novelty: every option must be a known one, got "novelty"`,
      );
      expectError(
        trace(network.sides.least - 1, {}),
        ShapeError,
        `${name}: images must be [N, 3, H, W] with H and W each`,
      );
    });
  },
);
