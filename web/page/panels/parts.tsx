/** What panels are made of. */
import type { ComponentChildren } from "preact";
import type { Signal } from "@preact/signals";

export function Panel({
  title,
  open = true,
  children,
}: {
  title: string;
  open?: boolean;
  children: ComponentChildren;
}) {
  return (
    <details class="panel" open={open}>
      <summary>
        <h2>{title}</h2>
      </summary>
      <div class="panel-body">{children}</div>
    </details>
  );
}

export function Slider({
  label,
  value,
  least = 0,
  most = 1,
  step = 0.01,
  shown = String,
  onInput,
  disabled = false,
}: {
  label: string;
  value: number;
  least?: number;
  most?: number;
  step?: number;
  shown?: (value: number) => string;
  onInput: (value: number) => void;
  disabled?: boolean;
}) {
  return (
    <label class="slider">
      <span>{label}</span>
      <output>{shown(value)}</output>
      <input
        type="range"
        aria-label={label}
        min={least}
        max={most}
        step={step}
        value={value}
        disabled={disabled}
        onInput={({ currentTarget }) => {
          onInput(Number(currentTarget.value));
        }}
      />
    </label>
  );
}

export function Check({
  label,
  value,
  disabled = false,
}: {
  label: string;
  value: Signal<boolean>;
  disabled?: boolean;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value.value}
        disabled={disabled}
        onChange={({ currentTarget }) => {
          value.value = currentTarget.checked;
        }}
      />
      <span>{label}</span>
    </label>
  );
}

/** A button that opens the system's choice of files. */
export function FileButton({
  label,
  accept,
  folder = false,
  primary = false,
  onFiles,
}: {
  label: string;
  accept?: string;
  folder?: boolean;
  primary?: boolean;
  onFiles: (files: File[]) => void;
}) {
  return (
    <label class={primary ? "button primary" : "button"}>
      {label}
      <input
        type="file"
        class="unseen"
        aria-label={label}
        multiple
        {...(accept !== undefined && { accept })}
        {...(folder && { webkitdirectory: true })}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = "";
        }}
      />
    </label>
  );
}

export const percent = (value: number): string => `${Math.round(100 * value)} %`;

/** Seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 1) return "under a second";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}
