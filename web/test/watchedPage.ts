/** An open page of the local server, whose requests and complaints are written down. */
import type { Browser, Page } from "playwright-core";

export interface WatchedPage {
  readonly page: Page;
  /** Addresses of all requests, those of Workers included. */
  readonly requests: string[];
  /** Errors and warnings of the console, and exceptions. */
  readonly complaints: string[];
}

export async function openWatched(
  browser: Browser,
  url: string,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, requests, complaints };
}

/** Chooses files as the button does. */
export async function choose(page: Page, label: string, files: readonly string[]): Promise<void> {
  await page
    .getByLabel(label, { exact: true })
    .first()
    .setInputFiles([...files]);
}
