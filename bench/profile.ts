/** Reads ONNX Runtime's profile: which node took how long, and which block it belongs to. */
import type { OnnxModel } from "../src/onnx/proto.ts";
import { DataError } from "../src/base/errors.ts";
import type { Table } from "./benchmark.ts";

/** One node in one run. */
export interface NodeTime {
  /** Path of the block that made it, "" outside blocks, null if the engine put it in (reordered layouts, moved transposes). */
  readonly path: string | null;
  /** Whether it belongs to the backward half. */
  readonly backward: boolean;
  /** ONNX operator as executed, after the engine's fusions. */
  readonly operator: string;
  readonly seconds: number;
}

/** What a profile says about the runs that count. */
export interface Profile {
  readonly runs: number;
  /** Seconds of an average run, from start to end. */
  readonly runSeconds: number;
  /** The nodes of all these runs. */
  readonly nodes: readonly NodeTime[];
}

interface Event {
  readonly cat: string;
  readonly name: string;
  /** Microseconds since the session began. */
  readonly ts: number;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * @param text    the profile, JSON in the trace event format
 * @param model   what the session ran: names of nodes and outputs lead to their blocks
 * @param warmUp  so many runs at the beginning do not count
 * @throws {DataError} if the profile holds no run after those.
 */
export function readProfile(text: string, model: OnnxModel, warmUp: number): Profile {
  const events = JSON.parse(text) as readonly Event[];
  const runs = events
    .filter((e) => e.cat === "Session" && e.name === "model_run")
    .sort((a, b) => a.ts - b.ts)
    .slice(warmUp);
  const first = runs[0];
  if (!first) throw new DataError(`profile: must hold more than ${warmUp} runs, got no more`);
  const labelOf = labels(model);
  const nodes = events
    .filter((e) => e.cat === "Node" && e.ts >= first.ts && e.name.endsWith(SUFFIX))
    .map((e): NodeTime => {
      const label = labelOf(e.name.slice(0, -SUFFIX.length));
      const backward = label?.startsWith(BACKWARD) ?? false;
      return {
        path: backward && label !== null ? label.slice(BACKWARD.length) : label,
        backward,
        operator: e.args?.op_name ?? "unknown",
        seconds: e.dur / 1e6,
      };
    });
  const total = runs.reduce((sum, run) => sum + run.dur, 0) / 1e6;
  return { runs: runs.length, runSeconds: total / runs.length, nodes };
}

const SUFFIX = "_kernel_time";
const BACKWARD = "grad:";

/**
 * From the name of an executed node to the label in front of its slash. Nodes in the engine's blocked layout are named after the
 * output of the node they replace.
 */
function labels(model: OnnxModel): (name: string) => string | null {
  const byOutput = new Map<string, string>();
  for (const { name = "", outputs } of model.nodes) {
    const slash = name.indexOf("/");
    for (const output of [name.slice(slash + 1), ...outputs]) {
      byOutput.set(output, name.slice(0, slash));
    }
  }
  return (name) => {
    const plain = name.replace(/^fused /, "");
    const replaced = byOutput.get(plain.replace(/_nchwc.*$/, ""));
    if (replaced !== undefined) return replaced;
    return plain.includes("/") ? plain.slice(0, plain.indexOf("/")) : null;
  };
}

/** Where the time goes by `keyOf`: the largest groups, then the rest and what lies between the nodes. */
export function breakdown(
  { nodes, runs, runSeconds }: Profile,
  title: string,
  keyOf: (node: NodeTime) => string,
  largest: number,
): Table {
  const groups = new Map<string, { forward: number; backward: number; count: number }>();
  for (const node of nodes) {
    const key = keyOf(node);
    const group = groups.get(key) ?? { forward: 0, backward: 0, count: 0 };
    group[node.backward ? "backward" : "forward"] += node.seconds / runs;
    group.count += 1 / runs;
    groups.set(key, group);
  }
  const sorted = [...groups].sort(([, a], [, b]) => timeOf(b) - timeOf(a));
  const rest = sorted.slice(largest).map(([, group]) => group);
  if (rest.length > 0) {
    const sum = (of: (group: Group) => number): number => rest.reduce((s, g) => s + of(g), 0);
    const others = {
      forward: sum((g) => g.forward),
      backward: sum((g) => g.backward),
      count: sum((g) => g.count),
    };
    sorted.splice(largest, rest.length, [`${rest.length} others`, others]);
  }
  const inside = sorted.reduce((sum, [, group]) => sum + timeOf(group), 0);
  const between = Math.max(0, runSeconds - inside);
  return {
    title: `${title}, of a run of ${(1000 * runSeconds).toFixed(0)} ms`,
    columns: ["", "share %", "ms", "of it backward", "nodes"],
    rows: [
      ...sorted.map(([key, group]): [string, ...number[]] => [
        key,
        (100 * timeOf(group)) / runSeconds,
        1000 * timeOf(group),
        1000 * group.backward,
        Math.round(group.count),
      ]),
      ["between nodes", (100 * between) / runSeconds, 1000 * between, 0, 0],
    ],
  };
}

interface Group {
  readonly forward: number;
  readonly backward: number;
  readonly count: number;
}
const timeOf = ({ forward, backward }: Group): number => forward + backward;

/** `resnet.layer1`, `sgdc1.dynamic`, or the outermost name. */
export function blockOf({ path }: NodeTime): string {
  if (path === null) return "layout changes by the engine";
  if (path === "") return "loss, statistics, outputs";
  if (isDynamic(path)) return path;
  const [outer = "", inner = ""] = path.split(".");
  return outer === "resnet" && inner !== "" ? `${outer}.${inner}` : outer;
}

/** Whether a path is that of a dynamic convolution. */
export const isDynamic = (path: string | null): boolean => path?.endsWith(".dynamic") ?? false;
