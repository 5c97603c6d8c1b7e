/** The tools. */
import { brushRadius, chosen, tool, type Tool } from "../work/state.ts";
import { redoEdit, undoEdit } from "../work/edit.ts";
import { mostRadius } from "../canvas/pointer.ts";
import { Slider } from "./parts.tsx";

const tools: readonly (readonly [name: Tool, label: string, key: string])[] = [
  ["move", "Move", "V"],
  ["brush", "Brush", "B"],
  ["eraser", "Eraser", "E"],
  ["restore", "Restore", "R"],
  ["polygon", "Polygon", "P"],
  ["fill", "Fill", "F"],
];

export function Toolbar() {
  const history = chosen.value?.history;
  const disabled = !chosen.value?.edits;
  return (
    <div class="toolbar" role="toolbar" aria-label="tools">
      {tools.map(([name, label, key]) => (
        <button
          key={name}
          type="button"
          aria-pressed={tool.value === name}
          title={`${label} (${key})`}
          disabled={disabled}
          onClick={() => {
            tool.value = name;
          }}
        >
          {label}
        </button>
      ))}
      <span class="gap" />
      <button
        type="button"
        title="Undo (Ctrl Z)"
        disabled={!history?.done.length}
        onClick={undoEdit}
      >
        Undo
      </button>
      <button
        type="button"
        title="Redo (Ctrl Shift Z)"
        disabled={!history?.undone.length}
        onClick={redoEdit}
      >
        Redo
      </button>
      <span class="gap" />
      <Slider
        label="Size"
        value={brushRadius.value}
        least={1}
        most={mostRadius}
        step={1}
        shown={(value) => `${2 * value} px`}
        disabled={disabled}
        onInput={(value) => {
          brushRadius.value = value;
        }}
      />
    </div>
  );
}
