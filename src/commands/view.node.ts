/** The page on this machine: a server that hands it a model and images. */
import { readdir } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ArgumentError, DataError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import { servePage, type PageServer, type Served } from "./pageServer.node.ts";
import { predictInputs } from "./predictInputs.node.ts";

/** Always the same unless told otherwise: a browser keeps a page's work by its port. */
const defaultPort = 8457;

export const viewSchema = z.strictObject({
  checkpoint: z
    .string()
    .min(1)
    .optional()
    .describe("checkpoint file, or folder of a run (its best), to open at once"),
  inputs: z
    .array(z.string().min(1))
    .default([])
    .describe("image files and folders of images, to open at once"),
  port: z
    .int()
    .min(0)
    .max(65535)
    .default(defaultPort)
    .describe("port on this machine; 0: any that is free"),
});

export type ViewOptions = z.input<typeof viewSchema>;

export interface ViewHooks {
  /** Told the address when the page can be opened. */
  onReady?(url: string): void;
  /** Ends the server. */
  readonly signal?: AbortSignal;
  /** Folder of the built page; another one in tests. */
  readonly pageFolder?: string;
}

/** The built page lies in the package. */
const builtPage = (): string => {
  const here = fileURLToPath(import.meta.url);
  const built = here.includes(`${sep}dist${sep}`);
  return fileURLToPath(new URL(built ? "../../web" : "../../dist/web", import.meta.url));
};

/**
 * Serves the page until `signal` ends it. Only this machine reaches it, under an address that cannot be guessed.
 *
 * @throws {ArgumentError} if the port is taken; {DataError} if the checkpoint or an image is not there.
 */
export async function view(options: ViewOptions, hooks: ViewHooks = {}): Promise<void> {
  const { signal } = hooks;
  const server = await openView(options, hooks);
  hooks.onReady?.(server.url);
  try {
    await new Promise<void>((resolve) => {
      if (signal?.aborted) resolve();
      signal?.addEventListener("abort", () => {
        resolve();
      });
    });
  } finally {
    await server.close();
  }
}

/** Starts the server of `view`. */
export async function openView(
  options: ViewOptions,
  { pageFolder = builtPage() }: Pick<ViewHooks, "pageFolder"> = {},
): Promise<PageServer> {
  const { checkpoint, inputs, port } = checkOptions(viewSchema, options, "options of view");
  const files = new Map<string, Served>();
  for (const name of await pageFiles(pageFolder)) {
    files.set(name.split(sep).join("/"), { file: join(pageFolder, name) });
  }
  const given: { name: string; address: string }[] = [];
  const give = (file: string, name: string): void => {
    const address = `given/${given.length}`;
    files.set(address, { file });
    given.push({ name, address });
  };
  if (checkpoint !== undefined) {
    // A file that is no checkpoint is told at once, not in the page.
    const { file } = await openCheckpoint(checkpoint);
    give(file, basename(file));
  }
  const images = inputs.length > 0 ? await predictInputs(inputs) : [];
  for (const { image, index } of images) {
    if (index !== undefined) {
      throw new ArgumentError(
        `${image}: must be an image file, got an array of many; save them as images with sgdc data convert`,
      );
    }
    give(image, basename(image));
  }
  files.set("given.json", { bytes: JSON.stringify({ files: given }), ending: ".json" });
  return servePage(files, port);
}

/** @throws {DataError} if the page has not been built. */
async function pageFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  if (names.includes("index.html")) return names;
  throw new DataError(`${folder}: must hold the built page, got none; run npm run build`);
}
