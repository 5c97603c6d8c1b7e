/** Looks and sorting of the report, inlined into its page. */

/** Light and dark by the reader's setting; prints on paper as well. */
export const reportStyle = `
:root { color-scheme: light dark; --back:#fff; --panel:#f6f7f9; --text:#1b1f24; --soft:#5b6570;
  --line:#dfe3e8; --bar:#0072b222; --accent:#005a8d; --warn:#7a4a00; --warnback:#fff4dc; }
@media (prefers-color-scheme: dark) { :root { --back:#14171b; --panel:#1d2126; --text:#e8eaed;
  --soft:#a0a9b3; --line:#343a42; --bar:#56b4e933; --accent:#7cc4f0; --warn:#f2cc80; --warnback:#3a2f16; } }
* { box-sizing:border-box }
body { margin:0; background:var(--back); color:var(--text);
  font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif }
header, main { max-width:1320px; margin:0 auto; padding:0 24px }
header { padding-top:32px }
h1 { font-size:28px; line-height:1.25; margin:0 0 4px; overflow-wrap:anywhere }
h2 { font-size:19px; margin:0 0 12px }
h3 { font-size:15px; margin:18px 0 8px }
a { color:var(--accent) }
section { margin:36px 0 }
.subtitle { margin:0 0 12px; color:var(--soft) }
.warning { display:inline-block; margin:8px 0 0; padding:5px 12px; border-radius:6px; font-size:13.5px;
  background:var(--warnback); color:var(--warn) }
.cards { display:grid; grid-template-columns:repeat(auto-fit,minmax(190px,1fr)); gap:14px }
.card { background:var(--panel); border:1px solid var(--line); border-radius:10px; padding:14px 18px }
.card .label { color:var(--soft); font-size:13.5px }
.card .value { font-size:32px; font-weight:650; line-height:1.25; font-variant-numeric:tabular-nums }
.card .detail, .notes, .note { color:var(--soft); font-size:13.5px }
.notes { margin:12px 0 0; padding-left:20px }
.note { margin:8px 0 }
.legend { display:flex; flex-wrap:wrap; gap:6px 20px; margin:-4px 0 14px; color:var(--soft); font-size:13.5px }
.legend i { display:inline-block; width:22px; height:5px; margin-right:7px; vertical-align:3px;
  border-radius:2px; outline:1px solid #8888 }
.cases { display:grid; grid-template-columns:repeat(auto-fill,minmax(min(100%,600px),1fr)); gap:18px }
.case { margin:0; background:var(--panel); border:1px solid var(--line); border-radius:10px; overflow:hidden;
  break-inside:avoid; scroll-margin-top:12px }
.case:target { outline:3px solid var(--accent) }
.pictures { display:grid; grid-template-columns:repeat(auto-fit,minmax(190px,1fr)); gap:2px }
.picture { min-width:0 }
.picture img { display:block; width:100%; max-height:420px; object-fit:contain; cursor:zoom-in }
.caption { padding:4px 14px 9px; color:var(--soft); font-size:12.5px; line-height:1.35 }
.scale { display:block; white-space:nowrap; font-variant-numeric:tabular-nums }
.scale i { display:inline-block; width:64px; height:8px; border-radius:2px; outline:1px solid #8888 }
dialog { padding:0; border:0; background:none; max-width:96vw; max-height:96vh; cursor:zoom-out }
dialog img { display:block; width:min(96vw,90vh); max-height:90vh; object-fit:contain; image-rendering:pixelated }
dialog p { margin:6px 0 0; color:#fff; text-align:center; font-size:14px }
dialog::backdrop { background:#000c }
figcaption { padding:10px 14px 12px; font-size:13.5px }
.case .name { font-weight:600; display:flex; justify-content:space-between; gap:10px; overflow-wrap:anywhere }
.case .rank { color:var(--soft); font-weight:400; white-space:nowrap }
.case .values { display:flex; flex-wrap:wrap; gap:2px 14px; color:var(--soft); font-variant-numeric:tabular-nums }
.case b { color:var(--text); font-weight:600 }
.chart { margin:0; padding:16px 12px 4px; background:var(--panel); border:1px solid var(--line);
  border-radius:10px }
.chart svg { display:block; width:100%; height:auto; max-width:1000px; margin:0 auto }
.scroll { overflow:auto; border:1px solid var(--line); border-radius:10px }
.scroll.tall { max-height:640px }
table { border-collapse:separate; border-spacing:0; width:100%; font-size:13px;
  font-variant-numeric:tabular-nums }
th, td { padding:6px 9px; text-align:right; white-space:nowrap; border-bottom:1px solid var(--line) }
tbody tr:last-child > * { border-bottom:0 }
thead th { position:sticky; top:0; z-index:1; background:var(--panel); color:var(--soft); font-weight:600 }
tbody th { font-weight:500; text-align:left }
.text { text-align:left }
tr.mean > * { font-weight:600; background:var(--panel) }
small { color:var(--soft) }
details { margin:8px 0 }
details[open] > summary { margin-bottom:8px }
.sortable th:first-child { position:sticky; left:0; z-index:1; background:var(--back); max-width:280px;
  overflow:hidden; text-overflow:ellipsis }
.sortable thead th:first-child { z-index:2; background:var(--panel) }
td.text { white-space:normal; color:var(--soft); min-width:230px }
td[style] { background:linear-gradient(90deg,var(--bar) var(--share),transparent var(--share)) }
th em { color:var(--soft); font-weight:400 }
th button { all:unset; cursor:pointer }
th button:focus-visible { outline:2px solid var(--accent); outline-offset:3px }
th[aria-sort] { color:var(--accent) }
th[aria-sort=ascending] button::after { content:" ▲" }
th[aria-sort=descending] button::after { content:" ▼" }
pre { margin:10px 0 0; padding:14px 16px; overflow:auto; background:var(--panel);
  border:1px solid var(--line); border-radius:10px; font-size:12.5px }
summary { cursor:pointer; color:var(--accent) }
@page { margin:12mm }
@media print { * { print-color-adjust:exact; -webkit-print-color-adjust:exact }
  header, main { padding:0; max-width:none } section { margin:20px 0 }
  .scroll { overflow:visible } .scroll.tall { max-height:none }
  table { font-size:9px } .sortable { font-size:5.5px } .sortable th, .sortable td { padding:1px 2px; white-space:normal }
  .sortable th:first-child { max-width:70px; overflow-wrap:anywhere }
  td.text { min-width:0 } thead th, .sortable th:first-child { position:static } tr, .card, .chart { break-inside:avoid }
  h2 { break-after:avoid } .picture img { max-height:none } }
`;

/**
 * Sorts a table by the clicked heading, names in their natural order, numbers by value with missing ones
 * last, in turn up and down; shows a clicked picture large, the arrow keys lead through those of its case.
 */
export const reportScript = `
const large = document.querySelector("dialog");
let shown = [], at = 0;
const show = (i) => {
  at = (i + shown.length) % shown.length;
  const text = document.createElement("p");
  text.textContent = shown[at].alt + (shown.length > 1 ? " (arrow keys: " + (at + 1) + " of " + shown.length + ")" : "");
  const picture = shown[at].cloneNode();
  picture.removeAttribute("title");
  large.replaceChildren(picture, text);
};
large.addEventListener("click", () => large.close());
large.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) show(at + step);
});
for (const picture of document.querySelectorAll(".pictures img"))
  picture.addEventListener("click", () => {
    shown = [...picture.closest(".pictures").querySelectorAll("img")];
    show(shown.indexOf(picture));
    large.showModal();
  });
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.querySelector("tbody"), heads = [...table.querySelectorAll("thead th")];
  const key = (row, i) => { const { value, name } = row.children[i].dataset;
    return value === undefined ? name : Number(value); };
  const compare = (a, b) => typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true })
    : Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a < b ? -1 : a > b ? 1 : 0;
  heads.forEach((head, i) => head.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const last = (v) => typeof v === "number" && Number.isNaN(v);
    body.append(...[...body.children].sort((a, b) => { const x = key(a, i), y = key(b, i);
      return (down && !last(x) && !last(y) ? -1 : 1) * compare(x, y); }));
  }));
}
`;
