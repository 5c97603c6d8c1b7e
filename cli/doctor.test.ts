import { expect, test } from "vitest";
import { shortReason } from "./doctor.ts";

test("a reason is cut to the first sentence that the engine says", () => {
  const trial = "trial on webgpu: the session must open, got: ";
  const place =
    "/src/core/webgpu/context.cc:136 ort::Context::Initialize(const Config&)::<lambda()> status == Success was false. ";
  expect(shortReason(`${trial}${place}Failed to get an adapter: none. See the manual.`)).toBe(
    "Failed to get an adapter: none",
  );
  expect(shortReason(`${trial}no backend found. ERR: [x] not found.`)).toBe("no backend found");
  expect(shortReason("no library")).toBe("no library");
  expect(shortReason("x".repeat(200))).toBe(`${"x".repeat(77)}...`);
});
