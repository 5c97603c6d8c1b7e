/** Placeholder. */
export function ExportPanel() {
  return null;
}
