/** What a split may not cut: units of samples, and parts filled with whole units. */
import { DataError } from "../../base/errors.ts";
import type { Random } from "../../base/random.ts";
import { byName } from "../dataset.ts";

/** What a split needs to know of a sample. */
export interface Splittable {
  readonly name: string;
  /** Samples of one group stay together; a sample without a group stands alone. */
  readonly group?: string;
}

/** Whether any group holds more than one sample. */
export const isGrouped = (samples: readonly Splittable[]): boolean => {
  const groups = samples.flatMap(({ group }) => group ?? []);
  return new Set(groups).size < groups.length;
};

/** The names of each group, and each lone name: sorted within, and by the first name. */
export function unitsOf(samples: readonly Splittable[]): string[][] {
  const grouped = new Map<string, string[]>();
  const units: string[][] = [];
  for (const { name, group } of samples) {
    const unit = group === undefined ? undefined : grouped.get(group);
    if (unit) unit.push(name);
    else {
      const fresh = [name];
      units.push(fresh);
      if (group !== undefined) grouped.set(group, fresh);
    }
  }
  for (const unit of units) unit.sort(byName);
  return units.sort((a, b) => byName(a[0]!, b[0]!));
}

/** Largest first; among equals by chance, or without `random` in the order given. */
export const largestFirst = (units: readonly string[][], random?: Random): string[][] =>
  (random ? random.shuffled(units) : [...units]).sort((a, b) => b.length - a.length);

/**
 * Parts of about these sizes, made of whole units. Largest first, a unit goes to the part that is the least
 * full for its size among those that it fits into, or else to the one with the most room. A part meant to
 * hold something gets at least one unit.
 *
 * @param sizes  of the parts, adding up to the number of names
 * @returns the names of each part, sorted
 * @throws {DataError} if there are fewer units than parts to fill.
 */
export function fillParts(
  units: readonly string[][],
  sizes: readonly number[],
  random?: Random,
): string[][] {
  const wanted = sizes.filter((size) => size > 0).length;
  if (units.length < wanted) {
    throw new DataError(
      `split: ${wanted} parts must have at least one group each, got ${units.length} groups; give fewer parts, or groups that are finer`,
    );
  }
  const parts = sizes.map((size) => ({ size, room: size, units: [] as string[][] }));
  const open = parts.filter(({ size }) => size > 0);
  const put = (unit: string[], part: (typeof parts)[number]): void => {
    part.units.push(unit);
    part.room -= unit.length;
  };
  for (const unit of largestFirst(units, random)) {
    const fitting = open.filter(({ room }) => unit.length <= room);
    const share = ({ room, size }: { room: number; size: number }): number =>
      fitting.length > 0 ? room / size : room;
    const among = fitting.length > 0 ? fitting : open;
    put(
      unit,
      among.reduce((best, part) => (share(part) > share(best) ? part : best)),
    );
  }
  for (const empty of open.filter((part) => part.units.length === 0)) {
    // The last unit of a part is its smallest.
    const donor = open.reduce((most, part) =>
      part.units.length > most.units.length ? part : most,
    );
    put(donor.units.pop()!, empty);
  }
  return parts.map((part) => part.units.flat().sort(byName));
}
