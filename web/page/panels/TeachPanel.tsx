/** Placeholder. */
export function TeachPanel() {
  return null;
}
