/** The line below the image: what is going on, and what is under the pointer. */
import { pointerAt } from "../canvas/pointer.ts";
import { keeping } from "../keep/keep.ts";
import { chosen, model, view } from "../work/state.ts";

export function StatusLine() {
  const image = chosen.value;
  return (
    <p class="status" role="status" data-keeping={keeping.value}>
      <span>{image ? saidOf() : ""}</span>
      <span class="grow" />
      <span>{image ? wordsOfKeeping[keeping.value] : ""}</span>
      <Pointer />
      {image?.picture && (
        <span>
          {image.picture.width} × {image.picture.height}
          {view.value ? `, ${Math.round(100 * view.value.scale)} %` : ""}
        </span>
      )}
    </p>
  );
}

const wordsOfKeeping = {
  waiting: "",
  kept: "kept in this browser",
  saving: "keeping ...",
  off: "not kept",
} as const;

function saidOf(): string {
  const image = chosen.value;
  switch (image?.status) {
    case "reading":
      return `reading ${image.name}`;
    case "waiting":
      return model.value.status === "open" ? "waiting for its turn" : "open a model to see a mask";
    case "predicting":
      return `predicting ${image.name}`;
    case "done":
      return `predicted in ${image.prediction?.seconds.toFixed(2) ?? ""} s`;
    default:
      return "";
  }
}

function Pointer() {
  const at = pointerAt.value;
  const { prediction, picture } = chosen.value ?? {};
  if (!at || !picture) return null;
  const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return null;
  const probability = prediction?.channels[0]?.data[y * picture.width + x];
  return (
    <span>
      {x}, {y}
      {probability === undefined ? "" : `: ${probability.toFixed(2)}`}
    </span>
  );
}
