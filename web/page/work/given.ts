/** What the local server was started with: a model and images to open at once. */
import { messageOf, tell } from "./state.ts";
import { openFiles } from "./work.ts";

/** The list that the server gives; empty where the page is a mere folder of files. */
interface Given {
  readonly files?: readonly { readonly name: string; readonly address: string }[];
}

export async function openGiven(): Promise<void> {
  try {
    const response = await fetch("./given.json");
    if (!response.ok) return;
    const { files = [] } = (await response.json()) as Given;
    const opened: File[] = [];
    for (const { name, address } of files) {
      const answer = await fetch(address);
      if (!answer.ok) {
        throw new Error(
          `${name}: must be readable, got answer ${answer.status}; start sgdc view again`,
        );
      }
      opened.push(new File([await answer.blob()], name));
    }
    if (opened.length > 0) await openFiles(opened);
  } catch (error) {
    tell("error", messageOf(error));
  }
}
