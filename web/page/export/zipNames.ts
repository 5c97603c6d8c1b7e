/** Names of files in the zip: after the images, one name once, none that leads out of a folder. */
import { stemOf } from "../work/pairMasks.ts";

/** A stem for each image, in order; of equal ones the later get a number. */
export function zipStems(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const stem = safe(stemOf(name));
    let chosen = stem;
    // Some file systems do not tell large letters from small.
    for (let k = 2; taken.has(chosen.toLowerCase()); k++) chosen = `${stem}-${k}`;
    taken.add(chosen.toLowerCase());
    return chosen;
  });
}

/** Without what file systems or unpackers take for something else. */
export function safe(name: string): string {
  const plain = name
    .replace(/[\u0000-\u001f<>:"/\\|?*\u007f]/g, "_")
    .replace(/^\.+/, "")
    .trim();
  return plain === "" ? "image" : plain;
}
