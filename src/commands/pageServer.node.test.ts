import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentSecurityPolicy, servePage, type PageServer } from "./pageServer.node.ts";

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

const ask = (url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    asked.on("error", reject);
    asked.end();
  });

describe("servePage", () => {
  const folder = mkdtempSync(join(tmpdir(), "sgdc-page-server-"));
  let server: PageServer;
  let origin: string;

  beforeAll(async () => {
    writeFileSync(join(folder, "index.html"), "<p>page</p>");
    writeFileSync(join(folder, "secret.txt"), "not served");
    writeFileSync(join(folder, "empty.bin"), "");
    server = await servePage(
      new Map([
        ["index.html", { file: join(folder, "index.html") }],
        ["given/0", { file: join(folder, "empty.bin") }],
        ["gone.js", { file: join(folder, "gone.js") }],
        ["given.json", { bytes: '{"name":"é"}', ending: ".json" }],
      ]),
      0,
    );
    origin = new URL(server.url).origin;
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it("serves the page and its files with a policy that lets nothing out", async () => {
    const page = await ask(server.url);
    expect(page).toMatchObject({ status: 200, text: "<p>page</p>" });
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["content-security-policy"]).toBe(contentSecurityPolicy);
    expect(contentSecurityPolicy).toContain("connect-src 'self'; ");
    expect(contentSecurityPolicy).toContain("frame-ancestors 'none'");
    expect(page.headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(page.headers["x-content-type-options"]).toBe("nosniff");
    const list = await ask(`${server.url}given.json`);
    expect([list.status, list.text]).toEqual([200, '{"name":"é"}']);
    expect((await ask(`${server.url}given/0`)).text).toBe("");
  });

  it("listens on this machine alone, under a path of 32 random digits", () => {
    expect(new URL(server.url).hostname).toBe("127.0.0.1");
    expect(new URL(server.url).pathname).toMatch(/^\/[0-9a-f]{32}\/$/);
  });

  it("answers nothing that is not on its list", async () => {
    for (const path of ["/", "/index.html", `/${"0".repeat(32)}/`]) {
      expect((await ask(origin + path)).status).toBe(404);
    }
    for (const path of ["secret.txt", "../secret.txt", "%2e%2e/secret.txt", "given/1", "gone.js"]) {
      expect((await ask(server.url + path)).status, path).toBe(404);
    }
  });

  it("gives the length of a file alone for HEAD, and refuses other methods", async () => {
    const head = await ask(server.url, {}, "HEAD");
    expect([head.status, head.text, head.headers["content-length"]]).toEqual([200, "", "11"]);
    const post = await ask(server.url, {}, "POST");
    expect([post.status, post.text]).toEqual([405, "page: method must be GET or HEAD, got POST\n"]);
  });

  it("refuses a foreign Host, as a name pointed at this machine would send", async () => {
    const { status, text } = await ask(server.url, { host: "evil.example" });
    expect([status, text]).toEqual([403, "page: Host must be this machine, got another\n"]);
    const { port } = new URL(server.url);
    expect((await ask(server.url, { host: `localhost:${port}` })).status).toBe(200);
  });

  it("refuses what another page asks", async () => {
    const foreign = await ask(server.url, { origin: "https://evil.example" });
    expect([foreign.status, foreign.text]).toEqual([
      403,
      "page: Origin must be this page, got another\n",
    ]);
    const framed = await ask(server.url, { "sec-fetch-site": "cross-site" });
    expect([framed.status, framed.text]).toEqual([
      403,
      "page: the request must come from this page, got one from another\n",
    ]);
    expect((await ask(server.url, { origin, "sec-fetch-site": "same-origin" })).status).toBe(200);
  });

  it("says that a port is taken", async () => {
    const port = Number(new URL(server.url).port);
    await expect(servePage(new Map(), port)).rejects.toThrow(
      `port (--port) must be free on this machine, got ${port}, one in use; give another, or 0 for any`,
    );
  });
});
