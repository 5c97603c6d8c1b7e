/** The page: images at the left, the image in the middle, panels at the right. */
import { useEffect, useState } from "preact/hooks";
import { ImageCanvas } from "./canvas/ImageCanvas.tsx";
import { CorrectPanel } from "./panels/CorrectPanel.tsx";
import { EmptyState } from "./panels/EmptyState.tsx";
import { ExportPanel } from "./panels/ExportPanel.tsx";
import { Header } from "./panels/Header.tsx";
import { ImageList } from "./panels/ImageList.tsx";
import { LayersPanel } from "./panels/LayersPanel.tsx";
import { MeasurePanel } from "./panels/MeasurePanel.tsx";
import { Notices } from "./panels/Notices.tsx";
import { StatusLine } from "./panels/StatusLine.tsx";
import { TeachPanel } from "./panels/TeachPanel.tsx";
import { Toolbar } from "./panels/Toolbar.tsx";
import { filesOf } from "./work/dropped.ts";
import { images } from "./work/state.ts";
import { openFiles } from "./work/work.ts";

export function App() {
  const dragging = useDrops();
  const some = images.value.length > 0;
  return (
    <div class={dragging ? "app dragging" : "app"}>
      <Header />
      <nav aria-label="images">
        <ImageList />
      </nav>
      <main>
        {some && <Toolbar />}
        <div class="stage">
          {some ? <ImageCanvas /> : <EmptyState />}
          <Notices />
        </div>
        <StatusLine />
      </main>
      <aside aria-label="panels">
        <LayersPanel />
        <CorrectPanel />
        <MeasurePanel />
        <TeachPanel />
        <ExportPanel />
        <p class="research">For research. Not for diagnosis. Nothing leaves this machine.</p>
      </aside>
    </div>
  );
}

/** Files dropped or pasted anywhere are opened. @returns whether some are held over the page */
function useDrops(): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setDragging(true);
    };
    const away = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDragging(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setDragging(false);
      if (event.dataTransfer) void filesOf(event.dataTransfer).then(openFiles);
    };
    const paste = ({ clipboardData }: ClipboardEvent): void => {
      const files = [...(clipboardData?.files ?? [])];
      if (files.length > 0) void openFiles(files);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", away);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", away);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, []);
  return dragging;
}
