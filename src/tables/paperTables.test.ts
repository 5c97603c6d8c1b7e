import { describe, expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { input } from "../graph/value.ts";
import { sizedOptions } from "../models/network.ts";
import { networkNamed, networkNames } from "../models/registry.ts";
import { Scope } from "../nn/scope.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { canHold, paperTables, rowsNamed, tableNamed } from "./paperTables.ts";

describe.each(paperTables.map((table) => [table.name, table] as const))("%s", (_name, table) => {
  test("the reference is a row, and no name stands twice", () => {
    const names = table.rows.map(({ name }) => name);
    expect(names).toContain(table.reference);
    expect(new Set(names).size).toBe(names.length);
  });

  test("every row's network takes its options", () => {
    for (const row of table.rows) {
      if (row.network === undefined) {
        expect(row.method, row.name).toBeDefined();
        continue;
      }
      expect(networkNames, row.name).toContain(row.network);
      const network = networkNamed(row.network);
      const { size = "compact" in network.sizes ? "compact" : undefined } = row;
      const options = sizedOptions(network, size);
      const { scope } = Scope.root({ kind: "evaluate" });
      const side =
        Math.ceil(network.sides.least / network.sides.multipleOf) * network.sides.multipleOf;
      const { logits } = network.trace(scope, input("image", [1, 3, side, side]), 1, {
        ...options,
        ...row.options,
      });
      expect(logits.shape, row.name).toEqual([1, 1, side, side]);
    }
  });
});

test("rows of one name are the same network with the same recipe in all tables", () => {
  const seen = new Map<string, string>();
  for (const { rows } of paperTables) {
    for (const { name, network, method = "", size = "", options = {}, training = {} } of rows) {
      const what = JSON.stringify({ network, method, size, options, training });
      expect(seen.get(name) ?? what, name).toBe(what);
      seen.set(name, what);
    }
  }
});

test("pairs that no images can have are told: the paper's Laplacian, and Lee's", () => {
  expect(canHold(92.11, 85.26)).toBe(false);
  expect(canHold(91.84, 84.3)).toBe(false);
  expect(canHold(91.41, 84.96)).toBe(true);
  // Every image the same: the bound itself.
  expect(canHold(80, 66.67)).toBe(true);
  expect(canHold(80, 66.65)).toBe(false);
});

test("an unknown table or row is answered with those that exist", () => {
  expectError(
    () => tableNamed("table-44"),
    ArgumentError,
    'table must be one of table-1, table-2, table-3, table-4, table-5, table-6, table-7, refiners, got "table-44"; did you mean "table-4"?',
  );
  expectError(
    () => rowsNamed(tableNamed("table-7"), ["sgd-nett"]),
    ArgumentError,
    'rows (--rows) must be rows of table-7: sgd-net-lambda-0, sgd-net-lambda-1, sgd-net, sgd-net-lambda-5, got "sgd-nett"; did you mean "sgd-net"?',
  );
});
