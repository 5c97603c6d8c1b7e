/** The line at the top: the model, and what can be opened. */
import { useRef } from "preact/hooks";
import { facts, model } from "../work/state.ts";
import { openFiles } from "../work/work.ts";
import { keys } from "../keys.ts";
import { FileButton } from "./parts.tsx";

export function Header() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <header>
      <h1>sgdc</h1>
      <ModelLine />
      <span class="grow" />
      <FileButton
        label="Open images"
        accept="image/*,.tif,.tiff"
        onFiles={(f) => void openFiles(f)}
      />
      <FileButton label="Open folder" folder onFiles={(f) => void openFiles(f)} />
      <FileButton label="Open model" accept=".safetensors" onFiles={(f) => void openFiles(f)} />
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Keys
      </button>
      <dialog ref={dialog} aria-label="keys">
        <h2>Keys</h2>
        <dl class="keys">
          {keys.map(({ shown, about }) => (
            <div key={shown}>
              <dt>
                <kbd>{shown}</kbd>
              </dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
        <p>
          The wheel or two fingers zoom. Space, Enter and arrows act when the image has the focus.
        </p>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </header>
  );
}

function ModelLine() {
  const state = model.value;
  switch (state.status) {
    case "none":
      return <p class="model">no model is open</p>;
    case "opening":
      return (
        <p class="model" role="status">
          <span class="spinner" /> opening {state.name}
        </p>
      );
    case "failed":
      return <p class="model failed">{state.name} could not be opened</p>;
    case "open": {
      const { name, title, classNames, size, parameters } = state.facts;
      const millions = (parameters / 1e6).toFixed(1);
      return (
        <p class="model" title={`${title}, ${millions} million parameters, sees ${size} x ${size}`}>
          <b>{name}</b> {title}: {classNames.join(", ")}
          {facts.value?.instances ? ", objects" : ""}
        </p>
      );
    }
  }
}
