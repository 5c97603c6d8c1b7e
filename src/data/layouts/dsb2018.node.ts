/** Data Science Bowl 2018: a folder for each image, with a mask file for each nucleus. */
import { basename, dirname, join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { byName, type Sample, stemOf } from "../dataset.ts";
import { named } from "./folderTree.node.ts";
import { countOf, type LayoutReader, noParts, type Part } from "./layoutReader.node.ts";

/** The part is that of the folder around the images' folders: stage1_train, stage1_test, ... */
const partOf = (folder: string): Part =>
  /test|stage_?2/i.test(folder) ? "test" : /val/i.test(folder) ? "validation" : "train";

export const dsb2018: LayoutReader = {
  layout: "dsb2018",
  rules: ["binarize", "ignoreAlpha"],
  looksFor: "<id>/images/<id>.png and <id>/masks/*.png, also under stage1_train/",
  async open(tree) {
    const result = noParts();
    const names = new Map<string, string>();
    const unlabelled: string[] = [];
    for (const folder of await tree.folders()) {
      const { folders } = await tree.list(folder).catch(() => ({ folders: [] }));
      const images = named(folders, /^images$/i);
      if (images === undefined) continue;
      const files = (await tree.list(join(folder, images))).images;
      const [image] = files;
      const id = basename(folder);
      if (image === undefined || files.length !== 1) continue;
      if (stemOf(image).toLowerCase() !== id.toLowerCase()) continue;

      const masks = named(folders, /^masks$/i);
      const part = partOf(basename(dirname(folder)));
      const found = masks === undefined ? [] : (await tree.list(join(folder, masks))).images;
      if (masks === undefined || found.length === 0) {
        unlabelled.push(folder);
        continue;
      }
      const other = names.get(`${part} ${id}`);
      if (other !== undefined) {
        throw new DataError(`${folder}: image must be there once, got ${other} too; remove one`);
      }
      names.set(`${part} ${id}`, folder);
      result[part].push({
        name: id,
        image: join(folder, images, image),
        labels: { kind: "instanceMasks", paths: found.map((file) => join(folder, masks, file)) },
      } satisfies Sample);
    }
    const count = countOf(result);
    if (count + unlabelled.length === 0) return undefined;
    // The official test parts were given out without masks: left aside where nothing of them has any.
    const missed = unlabelled.find((folder) => {
      const part = partOf(basename(dirname(folder)));
      return part !== "test" || result.test.length > 0 || count === 0;
    });
    if (missed !== undefined) {
      throw new DataError(
        `${missed}: image must have masks, one file for each nucleus, in ${join(missed, "masks")}, got none; ${unlabelled.length} of ${count + unlabelled.length} images lack them`,
      );
    }
    for (const samples of Object.values(result)) samples.sort((a, b) => byName(a.name, b.name));
    return {
      root: tree.root,
      layout: "dsb2018",
      classes: ["foreground"],
      instances: true,
      ...result,
    };
  },
};
