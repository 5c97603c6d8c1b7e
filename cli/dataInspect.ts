/** `sgdc data inspect`: what a data set holds and what looks wrong with it. */
import type { Command } from "commander";
import {
  counted,
  dataInspect,
  dataInspectSchema,
  textTable,
  visibleLine,
  type DataInspection,
  type DataInspectOptions,
} from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";
import { Reported } from "./reported.ts";

/** Median diameter, pixels, below which instances are better shown enlarged: the heads of the network predict every fourth pixel. */
const smallDiameter = 20;

/** Names listed of each kind of finding; --json has all. */
const mostNames = 8;

export const dataInspectCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "inspect",
      about: "Read a data set and show counts, sizes, classes and what looks wrong.",
      schema: dataInspectSchema,
      positional: [["path", "<data>", "folder of the data set"]],
      examples: [
        "sgdc data inspect my-images",
        "sgdc data inspect my-images --out sheet.png",
        "sgdc data inspect nuclei --labels instances --json",
      ],
      notes: "Bad files are listed and passed over; the exit code is 1 if there are any.",
      counting: "reading",
      run: (options: DataInspectOptions, { onProgress }) => dataInspect(options, onProgress),
      text: inspectionText,
      verdict({ root, unreadable }) {
        if (unreadable.length > 0) {
          throw new Reported(
            `${root}: all samples must be readable, got ${unreadable.length} that ${unreadable.length === 1 ? "is" : "are"} not`,
          );
        }
      },
    },
    output,
  );

function inspectionText(found: DataInspection): string {
  const { parts, sizes, classes, instancesPerImage, instanceDiameter, unreadable, sheet } = found;
  const count = parts.train + parts.validation + parts.test;
  const percent = (share: number): string => `${(100 * share).toPrecision(3)} %`;
  const lines = [
    `${found.root}: ${found.layout}, ${counted(count, "image")}: ${parts.train} training, ${parts.validation} validation, ${parts.test} test`,
    ...(found.groups > 0 ? [`groups: ${found.groups}`] : []),
  ];
  if (found.readable > 0) {
    const formats = Object.entries(found.formats).map(([format, files]) => `${files} ${format}`);
    lines.push(`files: ${formats.join("; ")}`);
    if (found.sixteenBits !== undefined) {
      const { images, least, most } = found.sixteenBits;
      lines.push(
        `values of ${counted(images, "image")} of 16 bits: ${least} to ${most} of 0 to 65535`,
      );
    }
    const { width, height, foreground } = found;
    const more = found.differentSizes - Math.min(4, sizes.length);
    const list = sizes.slice(0, 4).map((s) => `${s.width} x ${s.height} (${s.count})`);
    lines.push(`sizes: ${list.join(", ")}${more > 0 ? `, and ${more} more` : ""}`);
    if (found.differentSizes > 1) {
      lines.push(`  width ${width.min} to ${width.max}, height ${height.min} to ${height.max}`);
    }
    lines.push(
      `foreground of an image: median ${percent(foreground.median)}, ${percent(foreground.min)} to ${percent(foreground.max)}, nine in ten ${percent(foreground.p5)} to ${percent(foreground.p95)}`,
    );
    if (instancesPerImage !== undefined) {
      const { median, min, max } = instancesPerImage;
      lines.push(`instances of an image: median ${median}, ${min} to ${max}`);
    }
    if (instanceDiameter !== undefined) {
      const { median, min, max } = instanceDiameter;
      const advice = median < smallDiameter ? "; small: --zoom 2 shows them larger" : "";
      lines.push(
        `diameter of an image's middle instance: median ${median.toFixed(1)} px, ${min.toFixed(1)} to ${max.toFixed(1)}${advice}`,
      );
    }
    const head = ["class", "images", "pixels", "share", ...(found.instances ? ["instances"] : [])];
    const rows = classes.map((each) => [
      each.name,
      String(each.images),
      String(each.pixels),
      percent(each.share),
      ...(each.instances === undefined ? [] : [String(each.instances)]),
    ]);
    lines.push("", textTable([head, ...rows]));
  }
  const some = (samples: readonly string[]): string =>
    `${samples.slice(0, mostNames).map(visibleLine).join(", ")}${samples.length > mostNames ? ", ..." : ""}`;
  const suspicious = [
    ...found.suspicious.map(({ text, samples }) => `${samples.length} ${text}: ${some(samples)}`),
    ...found.duplicates
      .slice(0, mostNames)
      .map((samples) => `${samples.length} times the same picture: ${some(samples)}`),
    ...(found.duplicates.length > mostNames
      ? [`and ${found.duplicates.length - mostNames} more pictures several times`]
      : []),
  ];
  if (suspicious.length > 0) lines.push("", "suspicious:", ...suspicious.map((l) => `  ${l}`));
  if (unreadable.length > 0) {
    lines.push("", `unreadable: ${unreadable.length} of ${count}`);
    lines.push(...unreadable.map(({ sample, message }) => `  ${visibleLine(sample)}: ${message}`));
  }
  if (sheet !== undefined) lines.push("", `sheet: ${sheet}`);
  return lines.join("\n");
}
