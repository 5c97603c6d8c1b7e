/** A server of a fixed list of files for this machine's own browser: loopback alone, an unguessable path, nothing to change. */
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname } from "node:path";
import { ArgumentError, InternalError } from "../base/errors.ts";

/** What is served under an address: a file, or bytes. */
export type Served =
  { readonly file: string } | { readonly bytes: string; readonly ending: string };

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * What the page may do: load its own files, compute, and nothing else. `connect-src 'self'` is what makes it impossible to send an
 * image elsewhere.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/**
 * Serves `files`, by their addresses below the page's; the empty address is the page itself.
 *
 * A request is answered only if it asks this machine by name or number (`Host`), comes from the page itself or from no page
 * (`Origin`, `Sec-Fetch-Site`), and knows the path. So no other page, and no name that was pointed at this machine, reads anything.
 *
 * @param port  0 for any that is free
 * @throws {ArgumentError} if the port is taken or not allowed.
 */
export async function servePage(
  files: ReadonlyMap<string, Served>,
  port: number,
): Promise<PageServer> {
  const secret = randomBytes(16).toString("hex");
  const server = createServer((request, response) => {
    answer(request, response, files, `/${secret}/`, boundPort(server)).catch(() => {
      response.destroy();
    });
  });
  await listen(server, port);
  return {
    url: `http://127.0.0.1:${boundPort(server)}/${secret}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function boundPort(server: Server): number {
  const address = server.address();
  if (typeof address === "object" && address) return address.port;
  throw new InternalError(`server: must listen on a port, got ${String(address)}`);
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const got = cause.code === "EADDRINUSE" ? "one in use" : (cause.code ?? cause.message);
      reject(
        new ArgumentError(
          `port (--port) must be free on this machine, got ${port}, ${got}; give another, or 0 for any`,
          { cause },
        ),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, Served>,
  prefix: string,
  port: number,
): Promise<void> {
  const refusal = refusalOf(request, port);
  if (refusal) {
    refuse(response, ...refusal);
    return;
  }
  const path = (request.url ?? "").replace(/\?.*$/, "");
  const served = path.startsWith(prefix)
    ? files.get(path.slice(prefix.length) || "index.html")
    : undefined;
  if (!served) {
    refuse(response, 404, "page: the address must be one of its files, got another");
    return;
  }
  if ("bytes" in served) {
    send(response, served.ending, Buffer.byteLength(served.bytes));
    response.end(request.method === "HEAD" ? undefined : served.bytes);
    return;
  }
  const found = await stat(served.file).catch(() => undefined);
  if (!found?.isFile()) {
    refuse(response, 404, "page: the file must still be there, got none");
    return;
  }
  send(response, extname(served.file).toLowerCase(), found.size);
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  // A file that grew meanwhile must not break the length that was promised.
  const stream = createReadStream(served.file, { end: Math.max(0, found.size - 1) });
  stream.on("error", () => response.destroy());
  if (found.size === 0) response.end();
  else stream.pipe(response);
}

/** Why a request is not answered, if so. */
function refusalOf(
  { method = "", headers: asked }: IncomingMessage,
  port: number,
): [status: number, message: string] | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = "", origin, "sec-fetch-site": site } = asked;
  if (!hosts.includes(host)) return [403, "page: Host must be this machine, got another"];
  if (origin !== undefined && !hosts.some((own) => origin === `http://${own}`)) {
    return [403, "page: Origin must be this page, got another"];
  }
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return [403, "page: the request must come from this page, got one from another"];
  }
  if (method !== "GET" && method !== "HEAD") {
    return [405, `page: method must be GET or HEAD, got ${method}`];
  }
  return undefined;
}

function send(response: ServerResponse, ending: string, length: number): void {
  const type = types[ending] ?? "application/octet-stream";
  response.writeHead(200, { ...headers, "content-type": type, "content-length": length });
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" });
  response.end(`${message}\n`);
}
