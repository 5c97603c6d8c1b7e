/** The tables of an evaluation as text. */
import {
  formatClassTable,
  formatInstanceTable,
  formatTable,
  spacingNotes,
  type Scores,
} from "../src/node.ts";

/** Of instances or classes first, where there are such, then of the foreground. */
export function scoreText({
  summary,
  classes,
  instances,
  classNames,
  spacing,
}: Omit<Scores, "perImage">): string {
  return [
    ...(instances ? [formatInstanceTable(instances.summary, classNames)] : []),
    ...(classes ? [formatClassTable(classes.summary, classNames)] : []),
    ...(instances || classes ? ["\nforeground, all classes joined:\n"] : []),
    formatTable(summary),
    ...(spacing ? spacingNotes(spacing) : []),
  ].join("\n");
}
