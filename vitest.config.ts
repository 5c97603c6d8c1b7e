import { defineConfig } from "vitest/config";

// One Vitest run at a time holds ONNX Runtime sessions: two cores, so files run one after another.
const shared = { environment: "node" as const, testTimeout: 60_000, fileParallelism: false };

export default defineConfig({
  test: {
    fileParallelism: false,
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["src/**/*.test.ts", "cli/**/*.test.ts", "test/*.test.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "parity",
          include: ["test/parity/**/*.test.ts"],
          testTimeout: 300_000,
        },
      },
      {
        test: { ...shared, name: "e2e", include: ["test/e2e/**/*.test.ts"], testTimeout: 300_000 },
      },
    ],
  },
});
