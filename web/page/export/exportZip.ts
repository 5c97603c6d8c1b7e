/** All of the work as one zip file, under the names of the images. */
import { zipSync, type Zippable } from "fflate";
import { facts, images, model } from "../work/state.ts";
import { engine } from "../work/work.ts";
import { greyPng } from "./greyPng.ts";
import { measurementsCsv } from "./measurements.ts";
import { safe, zipStems } from "./zipNames.ts";

export interface ExportChoice {
  readonly masks: boolean;
  readonly probabilities: boolean;
  readonly outlines: boolean;
  readonly table: boolean;
  readonly model: boolean;
}

/** The zip's bytes. */
export async function exportZip(choice: ExportChoice): Promise<Uint8Array<ArrayBuffer>> {
  const files: Zippable = {};
  // What is compressed already is only stored.
  const store = (path: string, bytes: Uint8Array): void => {
    files[path] = [bytes, { level: 0 }];
  };
  const classNames = facts.value?.classNames ?? ["foreground"];
  const single = classNames.length === 1;
  const done = images.value.filter(({ mask }) => mask !== undefined);
  const stems = zipStems(done.map(({ name }) => name));
  for (const [i, { mask, prediction }] of done.entries()) {
    const stem = stems[i]!;
    if (!mask) continue;
    const { width, height, data } = mask;
    if (choice.masks) {
      const values = single ? data.map((kind) => (kind === 0 ? 0 : 255)) : data;
      store(`masks/${stem}${single ? "_mask" : "_classes"}.png`, greyPng(width, height, values));
    }
    if (choice.probabilities && prediction) {
      for (const [k, plane] of prediction.channels.slice(single ? 0 : 1).entries()) {
        const values = Uint8Array.from(plane.data, (p) => Math.round(255 * p));
        const ending = single ? "" : `_${k + 1}`;
        store(`probabilities/${stem}_probability${ending}.png`, greyPng(width, height, values));
      }
    }
    if (choice.outlines) {
      const text = await engine.ask("outline", { mask, classNames });
      files[`outlines/${stem}.geojson`] = new TextEncoder().encode(text);
    }
  }
  if (choice.table) {
    files["measurements.csv"] = new TextEncoder().encode(measurementsCsv(done, classNames));
  }
  if (choice.model && model.value.status === "open") {
    store(`model/${safe(model.value.facts.name)}`, model.value.bytes);
  }
  // Not in Workers of the library's own: those are made from text, which the page's policy forbids. Most is only stored.
  return new Uint8Array(zipSync(files, { level: 6 }));
}

/** Gives bytes to the browser as a download. */
export function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([bytes]));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 10_000);
}
