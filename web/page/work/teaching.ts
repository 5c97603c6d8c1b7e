/** Teaching the network from corrected images, in a Worker of its own that ends with it: memory of WebAssembly never shrinks. */
import { signal } from "@preact/signals";
import type { Lesson, Taught, TeachingMoment, TeachingPlan } from "../../shared/picture.ts";
import { startEngine, type Engine } from "../engine.ts";
import { stemOf } from "./pairMasks.ts";
import { corrected, messageOf, model, tell } from "./state.ts";
import { openModel } from "./work.ts";

export type Teaching =
  | { readonly status: "idle" }
  | { readonly status: "preparing" }
  | { readonly status: "planned"; readonly plan: TeachingPlan }
  | {
      readonly status: "running";
      readonly plan: TeachingPlan;
      readonly moments: readonly TeachingMoment[];
      readonly stopping: boolean;
    }
  | {
      readonly status: "done";
      readonly taught: Taught;
      readonly moments: readonly TeachingMoment[];
    }
  | { readonly status: "failed"; readonly message: string };

export const teaching = signal<Teaching>({ status: "idle" });

/** Steps to take, about. */
export const wantedSteps = signal(40);

let engine: Engine | undefined;

/** Counts attempts: what an abandoned one still answers is nobody's concern. */
let attempt = 0;

function end(then: Teaching): void {
  attempt++;
  engine?.end();
  engine = undefined;
  teaching.value = then;
}

/** Times some steps on the corrected images, so that the time can be told before it is spent. */
export async function prepareTeaching(): Promise<void> {
  if (model.value.status !== "open") return;
  const { bytes, facts } = model.value;
  const lessons = corrected.value.flatMap(({ name, picture, mask }): Lesson[] =>
    picture && mask ? [{ name, picture, truth: mask }] : [],
  );
  end({ status: "preparing" });
  const own = attempt;
  engine = startEngine((moment) => {
    const now = teaching.value;
    if (now.status !== "running" || own !== attempt) return;
    teaching.value = { ...now, moments: [...now.moments, moment] };
  });
  try {
    const steps = wantedSteps.value;
    const plan = await engine.ask("prepareTeaching", { name: facts.name, bytes, lessons, steps });
    if (own === attempt) teaching.value = { status: "planned", plan };
  } catch (error) {
    if (own === attempt) end({ status: "failed", message: messageOf(error) });
  }
}

/** Teaches as planned. */
export async function startTeaching(): Promise<void> {
  const now = teaching.value;
  if (now.status !== "planned" || !engine) return;
  const own = attempt;
  teaching.value = { status: "running", plan: now.plan, moments: [], stopping: false };
  try {
    const taught = await engine.ask("teach", {});
    if (own === attempt) end({ status: "done", taught, moments: momentsOf(teaching.value) });
  } catch (error) {
    if (own === attempt) end({ status: "failed", message: messageOf(error) });
  }
}

const momentsOf = (now: Teaching): readonly TeachingMoment[] =>
  now.status === "running" ? now.moments : [];

/** Ends after the step under way; the best so far can be kept. */
export function stopTeaching(): void {
  const now = teaching.value;
  if (now.status !== "running" || !engine) return;
  teaching.value = { ...now, stopping: true };
  void engine.ask("stopTeaching", {});
}

/** Forgets what was planned or taught; the model stays as it was. */
export function dropTeaching(): void {
  end({ status: "idle" });
}

/** Opens the taught model in place of the one before. */
export async function keepTaught(): Promise<void> {
  const now = teaching.value;
  if (now.status !== "done" || model.value.status !== "open") return;
  const name = taughtName(model.value.facts.name);
  const { bytes } = now.taught;
  teaching.value = { status: "idle" };
  if (await openModel(name, bytes))
    tell("news", `${name} is open; export it to keep it as a file.`);
}

/** `best-taught-2.safetensors` after `best-taught.safetensors`. */
export function taughtName(name: string): string {
  const [, stem = "", number] = /^(.*?)(?:-taught(?:-(\d+))?)?$/.exec(stemOf(name)) ?? [];
  const before = /-taught(-\d+)?$/.test(stemOf(name)) ? Number(number ?? 1) : 0;
  return `${stem}-taught${before === 0 ? "" : `-${before + 1}`}.safetensors`;
}
