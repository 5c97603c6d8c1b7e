import { expect, test } from "vitest";
import { drawnIds } from "../../test/helpers/idMaps.ts";
import { fillHoles } from "./fillHoles.ts";

const lines = (ids: Int32Array, width: number): string[] =>
  [...ids]
    .map((id) => (id === 0 ? "." : `${id}`))
    .join("")
    .match(new RegExp(`.{${width}}`, "g"))!;

const map = drawnIds(`
  .4444.77
  .4..4.7.
  .4.44.77
  .4444...
  ..115555
  ..1...5.
  ..11155.`);

test("a hole belongs to the instance around it; between instances and at the frame there are none", () => {
  expect(lines(fillHoles(map), 8)).toEqual([
    ".4444.77",
    // Open to the frame on the right.
    ".4444.7.",
    ".4444.77",
    ".4444...",
    "..115555",
    "..1...5.",
    "..11155.",
  ]);
});

test("larger holes stay", () => {
  expect(fillHoles(map, 2)).toEqual(map.data);
  expect(lines(fillHoles(map, 3), 8)[1]).toBe(".4444.7.");
});

test("a gap that reaches the outside through a corner is no hole", () => {
  const ring = drawnIds(`
    .....
    .22..
    .2.2.
    .222.
    .....`);
  expect(fillHoles(ring)).toEqual(ring.data);
});
