/** Which of some files are masks of images: told by their names. */

/** A file's name without its ending. */
export const stemOf = (name: string): string => name.replace(/\.[^.]+$/, "");

/** Endings that masks have after the name of their image. */
const endings = ["_mask", "-mask", "_segmentation", "_label", "_truth"];

interface Named {
  readonly name: string;
}

/**
 * Files named after an image with such an ending are its truth, e.g. `a_mask.png` of `a.jpg`, if the image is open or among the
 * files.
 *
 * @param open  names of the images that are open
 */
export function pairMasks<File extends Named>(
  files: readonly File[],
  open: readonly string[],
): {
  readonly masks: readonly { readonly file: File; readonly of: string }[];
  readonly others: readonly File[];
} {
  const byStem = new Map([...open, ...files.map(({ name }) => name)].map((n) => [stemOf(n), n]));
  const masks: { file: File; of: string }[] = [];
  const others: File[] = [];
  for (const file of files) {
    const stem = stemOf(file.name);
    const ending = endings.find((end) => stem.toLowerCase().endsWith(end));
    const of = ending === undefined ? undefined : byStem.get(stem.slice(0, -ending.length));
    if (of === undefined) others.push(file);
    else masks.push({ file, of });
  }
  return { masks, others };
}
