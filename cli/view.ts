/** `sgdc view`: the page in this machine's browser. */
import type { Command } from "commander";
import { view, viewSchema, type ViewOptions } from "../src/node.ts";
import { ownCommand, type Listeners } from "./command.ts";
import { addFlags, readFlags } from "./flags.ts";
import type { Output } from "./output.ts";

interface Told extends Listeners {
  readonly onReady: (url: string) => void;
}

const taken = ["checkpoint", "inputs"];

export const viewCommand = (output: Output): Command =>
  ownCommand<ViewOptions, Told, null>(
    {
      name: "view",
      about:
        "Open the page in this machine's browser: see masks, correct them, teach the network. Ctrl-C ends it.",
      positional: [
        ["checkpoint", "[checkpoint]", "checkpoint file, or folder of a run (its best)"],
        ["inputs", "[inputs...]", "image files and folders of images"],
      ],
      examples: [
        "sgdc view",
        "sgdc view runs/first my-images/images",
        "sgdc view runs/first photo.jpg --port 9000",
      ],
      notes:
        "Only this machine can reach the page, and nothing leaves it. The browser keeps the work by the port: stay with one.",
      interrupted: "",
      addFlags(command) {
        addFlags(command, viewSchema, { except: taken });
      },
      read: (flags, given) => ({ ...readFlags(flags, viewSchema, taken), ...given }),
      listen: (flags) => ({
        onReady(url) {
          output.print(flags.json ? JSON.stringify({ url }) : `${url}\nCtrl-C ends the page.`);
        },
        stop: () => undefined,
      }),
      async run(options, hooks) {
        await view(options, hooks);
        return null;
      },
      text: () => "",
      json: () => "",
    },
    output,
  );
