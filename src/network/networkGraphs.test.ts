import { expect, test } from "vitest";
import { printGraph } from "../graph/print.ts";
import { sizedOptions } from "../models/network.ts";
import { networkNamed } from "../models/registry.ts";
import { evaluationGraph } from "./networkGraphs.ts";

test("a network with a loss of its own can be trained with the common one", () => {
  const cto = networkNamed("cto");
  const { loss, ...withoutLoss } = cto;
  expect(loss).toBeDefined();
  const options = sizedOptions(cto, "compact");
  const printed = (network: typeof cto, common: boolean): string => {
    const shape = { network: { network, options }, batch: 1, height: 64, width: 64 };
    const ids = new Map<string, number>();
    const first = (id: string): string => `%${ids.get(id) ?? ids.set(id, ids.size).size - 1}`;
    // Values are numbered through all graphs: number them anew.
    return printGraph(evaluationGraph(shape, { common }).graph).replaceAll(/%\d+/g, first);
  };
  expect(printed(cto, true)).toBe(printed(withoutLoss, true));
  expect(printed(cto, false)).not.toBe(printed(cto, true));
});
