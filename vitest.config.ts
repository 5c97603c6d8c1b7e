import { defineConfig } from "vitest/config";

/**
 * One file after another, in one process: every engine session already takes all cores, and loading the engine anew for each file
 * takes longer than most files run. No test changes what another one sees (modules, environment, working folder).
 */
const shared = {
  environment: "node" as const,
  fileParallelism: false,
  isolate: false,
  testTimeout: 60_000,
};

export default defineConfig({
  test: {
    fileParallelism: false,
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: [
            "src/**/*.test.ts",
            "cli/**/*.test.ts",
            "test/*.test.ts",
            "web/page/**/*.test.ts",
            "web/shared/**/*.test.ts",
            "web/worker/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          ...shared,
          name: "parity",
          include: ["test/parity/**/*.test.ts"],
          exclude: ["**/*.large.test.ts"],
          testTimeout: 300_000,
        },
      },
      {
        // Whole networks in their published sizes, and all cases of hostile input: minutes, so not part of `npm test`.
        test: {
          ...shared,
          name: "large",
          include: ["test/parity/**/*.large.test.ts", "test/hostile.test.ts"],
          env: { SGDC_FUZZ: "all" },
          testTimeout: 600_000,
        },
      },
      {
        // Several processes over MPI, jobs over Slurm: skipped, with the reason, where these are not found. Not part of `npm test`.
        test: {
          ...shared,
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          globalSetup: "test/e2e/buildOnce.ts",
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        // The page in a real browser: needs Chromium, so not part of `npm test`.
        test: {
          ...shared,
          name: "web",
          include: ["web/test/**/*.test.ts"],
          globalSetup: "web/test/buildPage.ts",
          testTimeout: 240_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...shared,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/buildOnce.ts",
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
