/** What the page opens by itself: what the local server was started with, and the work that the browser has kept. */
import { followWork, openKept } from "../keep/keep.ts";
import { images, messageOf, tell } from "./state.ts";
import { openFiles, openKeptWork } from "./work.ts";

/** The list that the server gives; empty where the page is a mere folder of files. */
interface Given {
  readonly files?: readonly { readonly name: string; readonly address: string }[];
}

export async function start(): Promise<void> {
  const kept = await openKept();
  const given = await givenFiles();
  if (kept) await openKeptWork(kept);
  // Work that is kept is not opened a second time beside itself.
  const fresh = given.filter(
    (file) =>
      !images.value.some((image) => image.name === file.name && image.file.size === file.size),
  );
  if (fresh.length > 0) await openFiles(fresh);
  followWork();
}

async function givenFiles(): Promise<File[]> {
  const opened: File[] = [];
  try {
    const response = await fetch("./given.json");
    if (!response.ok) return [];
    const { files = [] } = (await response.json()) as Given;
    for (const { name, address } of files) {
      const answer = await fetch(address);
      if (!answer.ok) {
        throw new Error(
          `${name}: must be readable, got answer ${answer.status}; start sgdc view again`,
        );
      }
      opened.push(new File([await answer.blob()], name));
    }
  } catch (error) {
    tell("error", messageOf(error));
  }
  return opened;
}
