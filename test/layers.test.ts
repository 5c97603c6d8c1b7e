/** The import rule of docs/architecture.md, read from the import lines; the order of folders is that of eslint.config.js. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

const filesUnder = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name).split(sep).join("/"))
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts"))
    .sort();

interface Import {
  readonly name: string;
  /** `import type`: gone at run time. */
  readonly erased: boolean;
}

/** What a text imports: `import ... from`, `export ... from`, `import "..."`, `import("...")`. */
function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const pattern =
    /^\s*(?:import|export)\s+(type\s)?(?:[^;="'()]*?\bfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  return [...code.matchAll(pattern)].map(([, type, name, late]) => ({
    name: (name ?? late)!,
    erased: type !== undefined,
  }));
}

interface Edge {
  readonly from: string;
  readonly erased: boolean;
  /** Path from the root for own files, else the name of the package. */
  readonly to: string;
}

const files = [...filesUnder("src"), ...filesUnder("cli")];
const edgesOf = (importers: readonly string[]): Edge[] =>
  importers.flatMap((from) =>
    importsOf(readFileSync(join(root, from), "utf8")).map(({ name, erased }) => ({
      from,
      erased,
      to: name.startsWith(".")
        ? relative(root, join(root, dirname(from), name))
            .split(sep)
            .join("/")
        : name,
    })),
  );
const edges = edgesOf(files);
const show = ({ from, to }: Edge): string => `${from} imports ${to}`;

/** `src/graph/value.ts` is in `graph`; `src/index.ts` in none. */
const folderOf = (file: string): string | null => /^src\/([^/]+)\//.exec(file)?.[1] ?? null;

const config = readFileSync(join(root, "eslint.config.js"), "utf8");
const wordsOf = (list: string): string[] => [...list.matchAll(/"(\w+)"/g)].map((m) => m[1]!);
const order = wordsOf(/const order = \[([^\]]*)\]/.exec(config)![1]!);
const only = new Map(
  [.../const only = \{([^}]*)\}/.exec(config)![1]!.matchAll(/(\w+): \[([^\]]*)\]/g)].map(
    (m) => [m[1]!, wordsOf(m[2]!)] as const,
  ),
);

test("import lines of every form are found", () => {
  const text = [
    'import { a } from "./a.ts";',
    'import type { B } from "../b.ts";',
    "import {\n  c,\n  d,\n} from './c.ts';",
    'export * from "./e.ts";',
    'export { f, type G } from "./f.ts";',
    'import "./side.ts";',
    'const late = await import("./late.ts");',
    '// import { no } from "./comment.ts";',
    '/** import { no } from "./docs.ts"; */',
    'export const text = "not an import";',
  ].join("\n");
  expect(importsOf(text)).toEqual([
    { name: "./a.ts", erased: false },
    { name: "../b.ts", erased: true },
    { name: "./c.ts", erased: false },
    { name: "./e.ts", erased: false },
    { name: "./f.ts", erased: false },
    { name: "./side.ts", erased: false },
    { name: "./late.ts", erased: false },
  ]);
});

test("every import of an own file leads to a file", () => {
  expect(files.length).toBeGreaterThan(50);
  const own = edges.filter(({ to }) => /^(src|cli)\//.test(to));
  expect(own.filter(({ to }) => !files.includes(to)).map(show)).toEqual([]);
});

test("every folder of src has its place in the order", () => {
  const folders = readdirSync(join(root, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(folders.filter((folder) => !order.includes(folder))).toEqual([]);
  expect(order[0]).toBe("base");
});

test("a folder imports only folders above it, and fewer where that is said", () => {
  const wrong = edges.filter(({ from, to }) => {
    const folder = folderOf(from);
    if (folder === null || !to.startsWith("src/")) return false;
    const target = folderOf(to);
    if (target === folder) return false;
    const allowed = only.get(folder) ?? order.slice(0, order.indexOf(folder));
    return target === null || !allowed.includes(target);
  });
  expect(wrong.map(show)).toEqual([]);
});

test("src never imports the command line, which imports src through src/node.ts alone", () => {
  const upwards = edges.filter(({ from, to }) => from.startsWith("src/") && to.startsWith("cli/"));
  const around = edges.filter(
    ({ from, to }) => from.startsWith("cli/") && to.startsWith("src/") && to !== "src/node.ts",
  );
  expect([...upwards, ...around].map(show)).toEqual([]);
});

test("node:* is imported only in *.node.ts and in cli", () => {
  const wrong = edges.filter(
    ({ from, to }) =>
      to.startsWith("node:") && !from.endsWith(".node.ts") && !from.startsWith("cli/"),
  );
  expect(wrong.map(show)).toEqual([]);
});

test("files for any platform import no file for Node, except its types", () => {
  const wrong = edges.filter(
    ({ from, to, erased }) =>
      !erased &&
      from.startsWith("src/") &&
      to.endsWith(".node.ts") &&
      !from.endsWith(".node.ts") &&
      from !== "src/node.ts",
  );
  expect(wrong.map(show)).toEqual([]);
});

test("files for browsers (*.web.ts) are imported by src/web.ts alone", () => {
  const users = edges.filter(({ to }) => to.endsWith(".web.ts"));
  expect(users.map(({ from }) => from)).toEqual(["src/web.ts"]);
});

test("the page imports the library through src/web.ts alone, and only in its Worker", () => {
  const pageFiles = ["page", "worker", "shared"].flatMap((folder) => filesUnder(`web/${folder}`));
  expect(pageFiles.length).toBeGreaterThan(20);
  const imports = edgesOf(pageFiles);
  const around = imports.filter(({ to }) => to.startsWith("src/") && to !== "src/web.ts");
  const outside = imports.filter(
    ({ from, to }) => !from.startsWith("web/worker/") && to.startsWith("src/"),
  );
  const upwards = imports.filter(
    ({ from, to }) => from.startsWith("web/shared/") && /^web\/(page|worker)\//.test(to),
  );
  const across = imports.filter(
    ({ from, to }) => from.startsWith("web/worker/") && to.startsWith("web/page/"),
  );
  expect([...around, ...outside, ...upwards, ...across].map(show)).toEqual([]);
});

test("onnxruntime-* is imported only in src/runtime", () => {
  const users = edges.filter(({ to }) => to.startsWith("onnxruntime-"));
  expect(users.length).toBeGreaterThan(0);
  expect(users.filter(({ from }) => folderOf(from) !== "runtime").map(show)).toEqual([]);
});

/** Groups of files that reach each other, found by walking the imports of each file. */
function cyclesOf(all: readonly Pick<Edge, "from" | "to">[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of all) next.set(from, [...(next.get(from) ?? []), to]);
  const reach = (start: string): Set<string> => {
    const seen = new Set<string>();
    const stack = [...(next.get(start) ?? [])];
    for (let file = stack.pop(); file !== undefined; file = stack.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      stack.push(...(next.get(file) ?? []));
    }
    return seen;
  };
  const reached = new Map([...next.keys()].map((file) => [file, reach(file)]));
  const groups = new Map<string, string[]>();
  for (const [file, targets] of reached) {
    if (!targets.has(file)) continue;
    const group = [...targets].filter((other) => reached.get(other)?.has(file)).sort();
    groups.set(group.join(), group);
  }
  return [...groups.values()];
}

test("files import each other in circles only inside ops", () => {
  const circle = [
    { from: "a", to: "b" },
    { from: "b", to: "c" },
    { from: "c", to: "b" },
  ];
  expect(cyclesOf(circle)).toEqual([["b", "c"]]);
  const outside = cyclesOf(edges).filter((group) => group.some((f) => folderOf(f) !== "ops"));
  expect(outside).toEqual([]);
});
