import sharp from "sharp";
import { expect, test } from "vitest";
import { escapeHtml } from "./escapeHtml.ts";

test("what has a meaning in markup, or is not allowed in XML, is escaped", async () => {
  expect(escapeHtml(`<b a='1'>"&"</b>`)).toBe("&lt;b a=&#39;1&#39;&gt;&quot;&amp;&quot;&lt;/b&gt;");
  const all = Array.from({ length: 0x110 }, (_, code) => String.fromCharCode(code)).join("");
  const text = escapeHtml(`${all}\uffff\ud800`);
  expect(text).toContain("\\u001b");
  // A strict reader of XML takes it as text and as an attribute.
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text id="${text}">${text}</text></svg>`;
  expect((await sharp(Buffer.from(svg)).metadata()).format).toBe("svg");
});
