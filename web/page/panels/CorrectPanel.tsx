/** How painting works. */
import { colourOfClass } from "../canvas/paint.ts";
import { confirmMask, takeOverTruth } from "../work/edit.ts";
import { chosen, facts, onlyUnsure, paintClass } from "../work/state.ts";
import { Check, Panel } from "./parts.tsx";

export function CorrectPanel() {
  const names = facts.value?.classNames ?? ["foreground"];
  return (
    <Panel title="Correct">
      {names.length > 1 && (
        <fieldset>
          <legend>Paint as</legend>
          {names.map((name, k) => (
            <label key={name} class="check">
              <input
                type="radio"
                name="class"
                checked={paintClass.value === k + 1}
                onChange={() => {
                  paintClass.value = k + 1;
                }}
              />
              <Swatch kind={k + 1} />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      )}
      <Check label="Paint only where the network is unsure" value={onlyUnsure} />
      <p class="buttons">
        <button type="button" disabled={!chosen.value?.prediction} onClick={confirmMask}>
          Mask is right
        </button>
        <button type="button" disabled={!chosen.value?.truth} onClick={takeOverTruth}>
          Take over the truth
        </button>
      </p>
      <p class="quiet">What you paint stays, whatever is predicted later.</p>
    </Panel>
  );
}

/** A square of a class's colour, drawn: the policy of the page allows no styles in elements. */
function Swatch({ kind }: { kind: number }) {
  return (
    <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
      <rect width="10" height="10" fill={`rgb(${colourOfClass(kind).join(" ")})`} />
    </svg>
  );
}
