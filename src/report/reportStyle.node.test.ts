import { runInNewContext } from "node:vm";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { scorePair } from "../metrics/scorePair.ts";
import { summariseRows } from "../score/scores.ts";
import { imageTable } from "./imageTableHtml.ts";
import { reportScript } from "./reportStyle.ts";

/** Only what the test uses: the element types belong to the browser's library. */
interface Page {
  querySelector(selector: string): { click(): void } & Element;
  querySelectorAll(selector: string): Iterable<Element>;
}
interface Element {
  readonly dataset: Readonly<Record<string, string>>;
  getAttribute(name: string): string | null;
  dispatchEvent(event: unknown): boolean;
}

const mask = (foreground: number) => ({
  width: 10,
  height: 1,
  data: Uint8Array.from({ length: 10 }, (_, x) => (x < foreground ? 1 : 0)),
});

// Dice 1, 2/3 and 1/2; distances NaN where one mask is empty.
const perImage = [
  { name: "b 10", scores: scorePair(mask(4), mask(4), { empty: "nan" }) },
  { name: "a", scores: scorePair(mask(2), mask(4), { empty: "nan" }) },
  { name: "b 2", scores: scorePair(mask(0), mask(4), { empty: "nan" }) },
  { name: "c <x>", scores: scorePair(mask(6), mask(3), { empty: "nan" }) },
];

function open(): { page: Page; click: (column: number) => string[] } {
  const html = `<!doctype html><html><body>${imageTable(summariseRows({ perImage }), new Map())}<dialog></dialog></body></html>`;
  const parse: (html: string) => { document: Page; Event: new (name: string) => unknown } =
    parseHTML;
  const { document: page, Event } = parse(html);
  runInNewContext(reportScript, { document: page });
  const order = () =>
    [...page.querySelectorAll("tbody th")].map((cell) => cell.dataset["name"] ?? "");
  return {
    page,
    click: (column) => {
      [...page.querySelectorAll("thead th")][column]!.dispatchEvent(new Event("click"));
      return order();
    },
  };
}

test("a click on a heading sorts by its numbers, the next one the other way round", () => {
  const { page, click } = open();
  expect(click(2)).toEqual(["b 2", "a", "c <x>", "b 10"]);
  expect(click(2)).toEqual(["b 10", "a", "c <x>", "b 2"]);
  const sorted = [...page.querySelectorAll("thead th")].map((head) =>
    head.getAttribute("aria-sort"),
  );
  expect(sorted.filter((state) => state !== null)).toEqual(["descending"]);
});

test("what has no value stays last either way", () => {
  const { click } = open();
  const hd95 = 3;
  expect(click(hd95).at(-1)).toBe("b 2");
  expect(click(hd95).at(-1)).toBe("b 2");
});

test("names sort as people count", () => {
  expect(open().click(0)).toEqual(["a", "b 2", "b 10", "c <x>"]);
});
