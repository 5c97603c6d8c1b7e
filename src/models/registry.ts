/** All networks: one line each. */
import { ArgumentError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import { ctoEntry } from "./cto.ts";
import { lee2020Entry } from "./lee2020.ts";
import { levitUNetEntry } from "./levitUNet.ts";
import type { Network } from "./network.ts";
import { attentionUNetEntry } from "./attentionUNet.ts";
import { multiStageFcnEntry } from "./multiStageFcn.ts";
import { sgdNetEntry } from "./sgdNet.ts";
import { transUNetEntry } from "./transUNet.ts";
import { uNetEntry } from "./uNet.ts";
import { uNetV2Entry } from "./uNetV2.ts";
import { vmUNetV2Entry } from "./vmUNetV2.ts";

/** In the order in which they are listed; the first is what is taken if none is named. */
export const networks: readonly Network[] = [
  sgdNetEntry,
  uNetEntry,
  attentionUNetEntry,
  ctoEntry,
  transUNetEntry,
  levitUNetEntry,
  uNetV2Entry,
  vmUNetV2Entry,
  lee2020Entry,
  multiStageFcnEntry,
];

export const networkNames: readonly string[] = networks.map(({ name }) => name);

/** @throws {ArgumentError} if there is none of that name. */
export function networkNamed(name: unknown): Network {
  const found = networks.find((network) => network.name === name);
  if (found) return found;
  const hint = typeof name === "string" ? didYouMean(name, networkNames) : "";
  throw new ArgumentError(
    `network.name (--network) must be one of ${networkNames.join(", ")}, got ${JSON.stringify(name)}${hint}`,
  );
}
