/** `sgdc train`: training, with a progress bar, JSON lines or silence. */
import type { Command } from "commander";
import { launchedAs, train, type TrainOptions, type TrainResult } from "../src/node.ts";
import { ownCommand } from "./command.ts";
import { endingAfterStep, Interrupted } from "./interrupt.ts";
import { jsonLine, shellWord, type Output } from "./output.ts";
import { addFolderFlags, addRunFlags, folderOf, readRunOptions } from "./runFlags.ts";
import { trainingProgress, type TrainingProgress } from "./trainingProgress.ts";

export const trainCommand = (output: Output): Command =>
  ownCommand<TrainOptions, TrainingProgress, TrainResult>(
    {
      name: "train",
      about: "Train a network on images and masks.",
      positional: [["data", "[data]", "folder with images/ and masks/, or of ISIC 2016"]],
      addFlags(command) {
        addFolderFlags(command, {
          out: "folder for the run",
          resume: "go on with the run in the folder",
          held: "run",
        });
        const about = "do not look for images that show the same in two parts";
        command.option("--no-near-duplicates", about);
        addRunFlags(command);
      },
      examples: [
        "sgdc train my-images --out runs/first",
        "sgdc train ISIC2016 --preset paper --micro-batch 2 --out runs/paper",
        "sgdc train --out runs/first --resume",
        "sgdc train my-images --config runs/first/config.json --seed 7 --out runs/second",
        "mpirun -n 4 sgdc train my-images --out runs/first",
      ],
      notes:
        "Ctrl-C ends after the step under way and keeps a checkpoint to resume from; a second one ends at once.",
      read: async (flags, { data }) => ({
        ...(await readRunOptions(data, flags)),
        ...folderOf(flags),
        ...(flags["nearDuplicates"] === false && { nearDuplicates: false }),
      }),
      listen: trainingProgress,
      // Launchers end the other ranks with a signal when one has died: the step under way is then never done.
      interrupted: launchedAs(process.env)
        ? "ending after the step under way; if a rank has died, the last checkpoint is what is left: go on with --resume"
        : endingAfterStep,
      run: train,
      json: ({ status, folder, epochs, best }) =>
        jsonLine("result", { status, folder: folder.path, epochs, best, report: folder.report }),
      text({ status, folder, epochs, best }) {
        if (status === "interrupted") return "";
        const score = best ? `, best epoch ${best.epoch} (${best.score.toFixed(4)})` : "";
        return [
          `${status} after epoch ${epochs}${score}`,
          `weights: ${folder.best}`,
          `report:  ${folder.report}`,
        ].join("\n");
      },
      verdict({ status, folder, epochs }) {
        if (status !== "interrupted") return;
        throw new Interrupted(
          `interrupted after ${epochs} whole ${epochs === 1 ? "epoch" : "epochs"}; go on with: sgdc train --out ${shellWord(folder.path)} --resume`,
        );
      },
    },
    output,
  );
