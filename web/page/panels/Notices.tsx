/** Sentences for the person: news pass, errors stay until they are closed. */
import { chosen, closeNotice, notices } from "../work/state.ts";

export function Notices() {
  const image = chosen.value;
  return (
    <div class="notices" role="log" aria-label="messages">
      {image?.status === "failed" && (
        <p class="notice error">
          <span>{image.message}</span>
        </p>
      )}
      {notices.value.map(({ id, kind, text }) => (
        <p key={id} class={`notice ${kind}`}>
          <span>{text}</span>
          <button
            type="button"
            aria-label="close message"
            onClick={() => {
              closeNotice(id);
            }}
          >
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
