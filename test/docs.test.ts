/** The documentation holds: its links lead somewhere, and its command lines use options that exist. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCli } from "../cli/runCli.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  ...readdirSync(root, { encoding: "utf8" }),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) =>
    join("docs", name),
  ),
].filter((name) => name.endsWith(".md"));

const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

/** The ids that pages of Markdown give their headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );

test("every relative link leads to a file, and to a heading in it", () => {
  const broken: string[] = [];
  for (const page of pages)
    for (const [, target] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [path = "", anchor] = target!.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), path));
      const found =
        existsSync(join(root, file)) &&
        (anchor === undefined || anchorsOf(textOf(file)).includes(anchor));
      if (!found) broken.push(`${page}: ${target!}`);
    }
  expect(pages.length).toBeGreaterThan(20);
  expect(broken).toEqual([]);
});

/** What a command prints on stdout for these arguments. */
async function helpOf(command: readonly string[]): Promise<string> {
  const written: string[] = [];
  const sink = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString());
        done();
      },
    });
  await runCli([...command, "--help"], { stdout: sink(), stderr: sink() });
  return written.join("");
}

/** Command lines in blocks of shell, continued lines joined, without comments. */
const commandLines = (text: string): string[] =>
  [...text.matchAll(/^```sh\n([^]*?)^```/gm)]
    .flatMap(([, block]) => block!.replace(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.replace(/\s#.*$/, "").replace(/^(npx|npm exec) /, ""))
    .filter((line) => line.startsWith("sgdc "));

test("every command line of the documentation names a command and options that exist", async () => {
  const helps = new Map<string, string>();
  const wrong: string[] = [];
  let count = 0;
  for (const page of pages)
    for (const line of commandLines(textOf(page))) {
      count += 1;
      const [, first = "", second = ""] = line.split(/\s+/);
      const command = first === "data" ? [first, second] : first.startsWith("-") ? [] : [first];
      const key = command.join(" ");
      if (!helps.has(key)) helps.set(key, await helpOf(command));
      const help = helps.get(key)!;
      const usage = `Usage: sgdc ${key} `.replace("  ", " ");
      const flags = [...line.matchAll(/\s--(?:no-)?([a-z0-9-]+)/g)].map(([, flag]) => flag!);
      const unknown = flags.filter(
        (flag) => !new RegExp(`--(\\[?no-\\]?)?${flag}(?![a-z0-9-])`).test(help),
      );
      if (!help.startsWith(usage) || unknown.length > 0) wrong.push(`${page}: ${line}`);
    }
  expect(count).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});
