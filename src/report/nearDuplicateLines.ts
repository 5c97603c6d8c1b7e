/** Near-duplicates across the parts of a split, in lines for a person. */
import { counted } from "../base/counted.ts";
import type { NearDuplicates } from "../data/splits/nearDuplicates.ts";

/** Pairs named one by one. */
const mostPairs = 20;

const turned = {
  none: "",
  mirrorX: ", mirrored left to right",
  mirrorY: ", mirrored top to bottom",
  halfTurn: ", turned by 180 degrees",
  turnLeft: ", turned by 90 degrees",
  turnRight: ", turned by 90 degrees",
  transpose: ", mirrored and turned by 90 degrees",
  antitranspose: ", mirrored and turned by 90 degrees",
} as const;

/** First how many, then each pair by its names, at most 20; in a last line the files that cannot be read. */
export function nearDuplicateLines(found: NearDuplicates): string[] {
  return [...pairLines(found), ...unreadableLines(found)];
}

function unreadableLines({ unreadable }: NearDuplicates): string[] {
  if (unreadable.length === 0) return [];
  const shown = unreadable
    .slice(0, mostPairs)
    .map(({ name, part, message }) => `${name} (${part}): ${message}`);
  const more = unreadable.length - shown.length;
  return [
    `not looked at for near-duplicates, as they cannot be read: ${[...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("; ")}`,
  ];
}

function pairLines({ checked, total, pairs }: NearDuplicates): string[] {
  const looked =
    checked < total
      ? `${checked} of ${counted(total, "image")} looked at`
      : counted(total, "image");
  if (pairs.length === 0) return [`near-duplicates across parts: none (${looked})`];
  const named = pairs.slice(0, mostPairs).map(({ images: [a, b], kind, correlation, symmetry }) => {
    const how =
      kind === "identical"
        ? "the same file"
        : `correlation ${correlation.toFixed(4)}${turned[symmetry]}`;
    return `  ${a.name} (${a.part}) and ${b.name} (${b.part}): ${how}`;
  });
  const more = pairs.length - named.length;
  return [
    `near-duplicates across parts: ${pairs.length} (${looked}); sgdc data split --group keeps each pair in one part`,
    ...named,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
