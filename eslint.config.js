// Lint: typescript-eslint at its strictest, plus the import rule of docs/architecture.md.
import tseslint from "typescript-eslint";

// A folder imports only folders above it in this list; metrics and data only base and tensor.
const order = [
  "base",
  "tensor",
  "onnx",
  "graph",
  "ops",
  "autodiff",
  "nn",
  "losses",
  "models",
  "optim",
  "metrics",
  "data",
  "instances",
  "superpixels",
  "predict",
  "runtime",
  "score",
  "network",
  "export",
  "train",
  "run",
  "cluster",
  "tables",
  "report",
  "commands",
];
const only = {
  metrics: ["base", "tensor"],
  report: ["base", "tensor", "metrics", "data", "instances", "score", "train", "tables"],
  score: ["base", "tensor", "metrics", "data", "instances", "predict"],
  data: ["base", "tensor"],
  instances: ["base", "tensor", "metrics", "data"],
  predict: ["base", "tensor", "data", "instances"],
  onnx: ["base", "tensor"],
  runtime: ["base", "tensor", "onnx", "graph"],
  optim: ["base", "tensor"],
};

const zones = order.map((folder, i) => {
  const allowed = only[folder] ?? order.slice(0, i);
  const banned = order.filter((other) => other !== folder && !allowed.includes(other));
  return {
    files: [`src/${folder}/**/*.ts`],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            ...(banned.length
              ? [
                  {
                    regex: `^(\\.\\./)+(${banned.join("|")})/`,
                    message: `src/${folder} may import only: ${allowed.join(", ") || "nothing"}`,
                  },
                ]
              : []),
            ...(folder === "runtime"
              ? []
              : [{ regex: "^onnxruntime-", message: "only src/runtime imports the engine" }]),
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      "node_modules/**",
      "docs/reference/api/**",
      "**/*.mjs",
      "runs/**",
      "demo/**",
      ".cache/**",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Numbers read well inside messages.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // Indices of typed arrays in flat numeric loops are in range by construction: `a[i]!` says so.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: true },
      ],
    },
  },
  {
    // Files for browsers have the browser's types.
    files: ["src/**/*.web.ts", "src/web.ts"],
    languageOptions: {
      parserOptions: { projectService: false, project: ["web/tsconfig.json"] },
    },
  },
  ...zones,
  {
    // The page sees the library as everybody does; its tests may look further.
    files: ["web/**/*.ts", "web/**/*.tsx"],
    ignores: ["web/test/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { regex: "/src/(?!web\\.ts$)", message: "web/ imports only src/web.ts" },
            { regex: "^onnxruntime-", message: "only src/runtime imports the engine" },
          ],
        },
      ],
    },
  },
  {
    files: ["web/page/**", "web/shared/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: "/worker/|/src/",
              message: "the page computes nothing of the library itself: it asks the Worker",
            },
          ],
        },
      ],
    },
  },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);
