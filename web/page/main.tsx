/** Starts the page. */
import { render } from "preact";
import { App } from "./App.tsx";
import { start } from "./work/start.ts";
import { listenToKeys } from "./keys.ts";
import { letTestsSee } from "./window.ts";

const place = document.getElementById("page");
if (!place) throw new Error("page: must have the element it is drawn in, got none");
render(<App />, place);
listenToKeys();
letTestsSee();
void start();
