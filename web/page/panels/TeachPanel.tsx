/** Teaching: from what was corrected to a model that does better, or is thrown away. */
import { corrected, facts } from "../work/state.ts";
import {
  dropTeaching,
  keepTaught,
  prepareTeaching,
  startTeaching,
  stopTeaching,
  teaching,
  wantedSteps,
} from "../work/teaching.ts";
import type { Taught, TeachingMoment, TeachingPlan } from "../../shared/picture.ts";
import { Curves } from "./Curves.tsx";
import { duration, Panel, Slider } from "./parts.tsx";

export function TeachPanel() {
  return (
    <Panel title="Teach">
      <div class="panel-body inner" aria-live="polite">
        <Body />
      </div>
    </Panel>
  );
}

function Body() {
  const state = teaching.value;
  switch (state.status) {
    case "idle":
      return <Idle />;
    case "preparing":
      return (
        <>
          <p>
            <span class="spinner" /> Timing a few steps ...
          </p>
          <button type="button" onClick={dropTeaching}>
            Cancel
          </button>
        </>
      );
    case "planned":
      return <Planned plan={state.plan} />;
    case "running":
      return <Running plan={state.plan} moments={state.moments} stopping={state.stopping} />;
    case "done":
      return <Done taught={state.taught} moments={state.moments} />;
    case "failed":
      return (
        <>
          <p class="bad">{state.message}</p>
          <p>The model is as it was.</p>
          <button type="button" onClick={dropTeaching}>
            Close
          </button>
        </>
      );
  }
}

function Idle() {
  const count = corrected.value.length;
  const ready = count > 0 && facts.value !== undefined;
  return (
    <>
      <p>
        {count === 0
          ? "Correct some images first; each that you painted on teaches."
          : `${count} corrected ${count === 1 ? "image teaches" : "images teach"}. All of their masks must be right, not only where you painted.`}
      </p>
      <Slider
        label="Steps, about"
        value={wantedSteps.value}
        least={5}
        most={200}
        step={5}
        onInput={(value) => {
          wantedSteps.value = value;
        }}
      />
      <button type="button" disabled={!ready} onClick={() => void prepareTeaching()}>
        How long will it take?
      </button>
    </>
  );
}

function Planned({ plan }: { plan: TeachingPlan }) {
  return (
    <>
      <p>
        {plan.steps} steps of {plan.secondsPerStep.toFixed(2)} s: <b>{duration(plan.seconds)}</b>.
      </p>
      <p class="quiet">
        {plan.heldBack === undefined
          ? "With fewer than 4 images none is held back: the result is measured on what was taught, which flatters it."
          : `${plan.heldBack} is held back to measure by.`}
      </p>
      <p class="buttons">
        <button type="button" class="primary" onClick={() => void startTeaching()}>
          Teach
        </button>
        <button type="button" onClick={dropTeaching}>
          Cancel
        </button>
      </p>
    </>
  );
}

function Running({
  plan,
  moments,
  stopping,
}: {
  plan: TeachingPlan;
  moments: readonly TeachingMoment[];
  stopping: boolean;
}) {
  const last = moments.at(-1);
  return (
    <>
      <label class="progress">
        Step {last?.step ?? 0} of {plan.steps}
        {last && `, ${duration(last.secondsLeft)} left`}
        <progress max={plan.steps} value={last?.step ?? 0} />
      </label>
      <Curves moments={moments} steps={plan.steps} />
      <button type="button" disabled={stopping} onClick={stopTeaching}>
        {stopping ? "Stopping after this step ..." : "Stop and keep the best"}
      </button>
    </>
  );
}

function Done({ taught, moments }: { taught: Taught; moments: readonly TeachingMoment[] }) {
  const { diceBefore, diceAfter, heldBack, findsNothing, finished } = taught;
  const better = diceAfter > diceBefore;
  return (
    <>
      <Curves moments={moments} steps={moments.at(-1)?.step ?? 1} />
      <p>
        Dice {heldBack === undefined ? "on the images that taught" : `on ${heldBack}, held back`}:{" "}
        <b>
          {diceBefore.toFixed(3)} → {diceAfter.toFixed(3)}
        </b>
        {finished ? "" : ", stopped early"}
      </p>
      {!better && (
        <p class="bad">The taught model is not better. Discard it, or keep it knowingly.</p>
      )}
      {findsNothing.length > 0 && (
        <p class="bad">It finds nothing in {findsNothing.join(", ")}, where there is something.</p>
      )}
      <p class="buttons">
        <button type="button" class={better ? "primary" : ""} onClick={() => void keepTaught()}>
          Keep
        </button>
        <button type="button" onClick={dropTeaching}>
          Discard
        </button>
      </p>
    </>
  );
}
