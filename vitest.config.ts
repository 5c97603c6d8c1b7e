import { defineConfig } from "vitest/config";

/**
 * Two processes for all files of a project, which share the engine and modules loaded once: loading them anew for each file takes
 * longer than most files run, and most tests keep one core busy. No test changes what another one sees (modules, environment, working
 * folder), nor needs a whole machine: none asserts a time.
 */
const shared = {
  environment: "node" as const,
  isolate: false,
  maxWorkers: 2,
  testTimeout: 60_000,
};

export default defineConfig({
  test: {
    maxWorkers: 2,
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
