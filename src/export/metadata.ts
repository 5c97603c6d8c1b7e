/** What an exported model says of itself. */
import { z } from "zod";
import { networkFactsSchema, type NetworkFacts } from "../network/facts.ts";
import { layouts } from "./processing.ts";

export const precisions = ["float32", "float16", "int8"] as const;
export type Precision = (typeof precisions)[number];

/** The form of an exported model; files of another are refused. */
export const exportFormat = "1";
export const formatKey = "sgdc.export";

export const intendedUse =
  "Research use only. Not a medical device: not for diagnosis, treatment or any decision about a patient.";

/** Everything that `predict` needs of an exported model. */
export const exportFactsSchema = z.object({
  facts: networkFactsSchema,
  /** Whether the model holds resizing and normalisation. */
  processing: z.boolean(),
  layout: z.enum(layouts),
  precision: z.enum(precisions),
  threshold: z.number(),
  /** Whether it gives the edge and the guidance where the network has them. */
  maps: z.boolean(),
});

export type ExportFacts = z.output<typeof exportFactsSchema>;

/** What a person states besides. */
export interface Statement {
  readonly version: string;
  readonly licence: string;
}

/** The metadata of a file: what people and programs look for under plain names, and all of it as JSON. */
export function exportMetadata(
  exported: ExportFacts,
  { version, licence }: Statement,
): Record<string, string> {
  const { facts, precision, layout, processing, threshold } = exported;
  const { labels, input, network } = facts;
  return {
    [formatKey]: exportFormat,
    "sgdc.version": version,
    "sgdc.facts": JSON.stringify(exported),
    labels: JSON.stringify(["background", ...namesOf(labels)]),
    threshold: String(threshold),
    network: network.name,
    network_options: JSON.stringify(network.options),
    network_size: `${input.size} x ${input.size}`,
    fit: input.fit,
    values: JSON.stringify(input.values),
    processing: processing ? "resizing, normalisation, mask" : "none",
    layout: processing ? layout : "nchw",
    precision,
    licence,
    intended_use: intendedUse,
  };
}

/** Names of the classes 1 to K. */
export const namesOf = ({ classes, names }: NetworkFacts["labels"]): string[] =>
  Array.from(
    { length: classes },
    (_, k) => names[k] ?? (classes === 1 ? "foreground" : `class ${k + 1}`),
  );
