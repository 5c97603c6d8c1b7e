/** The tables of the SGDC paper as data: what each row is, and what was published for it. */
import { ArgumentError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import type { NetworkOptions } from "../models/network.ts";

/** What the tables print, by the names of the metrics here. */
export const tableMetrics = ["dice", "iou", "hd95", "pq"] as const;
export type TableMetric = (typeof tableMetrics)[number];

/** What a row trains. Rows of one name are one network with one recipe in all tables, so that tables can share runs. */
export interface TableRow {
  /** Words with hyphens; folders are named after it. */
  readonly name: string;
  /** As the paper prints it, or what it is. */
  readonly title: string;
  /** Name in the registry; absent for a `method`. */
  readonly network?: string;
  /** What predicts without training, one image at a time. */
  readonly method?: "msca";
  readonly options?: NetworkOptions;
  /** A named size of the network instead of the recipe's. */
  readonly size?: string;
  /** What differs from the common recipe. */
  readonly training?: { readonly lambda?: number; readonly loss?: "own" };
  /** Shares in percent, distances in pixels. */
  readonly published?: Readonly<Partial<Record<TableMetric, number>>>;
  /** A row that the paper does not have. */
  readonly own?: boolean;
  /** What was left open and decided here. */
  readonly note?: string;
}

/** A published row that cannot be run. */
export interface MissingRow {
  readonly title: string;
  readonly published: Readonly<Partial<Record<TableMetric, number>>>;
  readonly why: string;
}

export interface PaperTable {
  readonly name: string;
  /** What it compares. */
  readonly title: string;
  /** Where the published figures stand, and on what data they were taken. */
  readonly source: string;
  readonly metrics: readonly TableMetric[];
  /** How data without a test part are split: in folds, or once, 7 : 1 : 2. Default: in folds. */
  readonly protocol?: "ratio";
  /** Name of the row that the others are compared with. */
  readonly reference: string;
  readonly rows: readonly TableRow[];
  readonly missing?: readonly MissingRow[];
}

const PAPER = "Shi, Zhu, Swamy: SGDC, MIDL 2026, arXiv:2602.23496";

const sgdNet = (
  name: string,
  title: string,
  options: NetworkOptions,
  published?: TableRow["published"],
  more: Partial<TableRow> = {},
): TableRow => ({
  ...{ name, title, network: "sgd-net", options, ...(published && { published }), ...more },
});

const full = (published: TableRow["published"], title = "SGD-Net"): TableRow =>
  sgdNet("sgd-net", title, {}, published);

const other = (network: string, title: string, published: TableRow["published"]): TableRow => ({
  name: network,
  title,
  network,
  ...(published && { published }),
});

/** A row that the paper does not have. */
const own = (row: Omit<TableRow, "own">): TableRow => ({ ...row, own: true });

const tiny = own({
  ...{ name: "sgd-net-tiny", title: "SGD-Net, tiny", network: "sgd-net", size: "tiny" },
  note: "for speed: about a twentieth of compact's multiply-accumulates; SGDC without its local branch",
});

const ctoOwnLoss = own({
  ...{ name: "cto-own-loss", title: "CTO, its own loss", network: "cto" },
  training: { loss: "own" },
  note: "all other rows, CTO's other one too, train with the common loss",
});

/** The same network with another weight of the edge loss; 3 is the network's own. */
const lambda = (value: number, title: string, published: TableRow["published"]): TableRow =>
  value === 3
    ? full(published, title)
    : sgdNet(`sgd-net-lambda-${value}`, title, {}, published, { training: { lambda: value } });

const isic2018 = { dice: 91.41, iou: 84.96, hd95: 16.09 };

export const paperTables: readonly PaperTable[] = [
  {
    name: "table-1",
    title: "Trained on one set of lesions, tested on another",
    source: `${PAPER}, table 1: trained on ISIC 2016, tested on PH2`,
    metrics: ["dice", "iou"],
    reference: "sgd-net",
    rows: [
      other("cto", "CTO", { dice: 92.56, iou: 86.6 }),
      own({
        name: "lee-2020",
        title: "Lee 2020 without its evaluator, on U-Net, our implementation",
        network: "lee-2020",
        training: { loss: "own" },
        note: "Lee et al. print 90.40 Dice for this part of theirs on U-Net (900 training, 200 test images)",
      }),
      own({
        name: "msca-style",
        title: "MSCA-style, our reconstruction",
        method: "msca",
        note: "no training; automata, fusion and threshold as published, scales, first labels, classifier and clean-up ours",
      }),
      own({
        name: "multi-stage-fcn",
        title: "multi-stage FCN, our interpretation",
        network: "multi-stage-fcn",
        note: "after Bi et al. 2017: number of stages, backbone, schedule and how stages are joined are ours",
      }),
      full({ dice: 92.93, iou: 87.29 }),
    ],
    missing: [
      {
        title: "MSCA",
        published: { dice: 81.57, iou: 72.33 },
        why: "its core is closed; a reconstruction in its manner stands above",
      },
      {
        title: "Bi et al. 2017",
        published: { dice: 90.66, iou: 83.99 },
        why: "parts of it are not known; an interpretation stands above",
      },
      {
        title: "Lee et al. 2020",
        published: { dice: 91.84, iou: 84.3 },
        why: "on FCN, with its evaluator: not built; a part of it on U-Net stands above",
      },
    ],
  },
  {
    name: "table-2",
    title: "Networks on skin lesions",
    source: `${PAPER}, table 2: ISIC 2018, five folds`,
    metrics: ["dice", "iou"],
    reference: "sgd-net",
    rows: [
      other("unet", "U-Net", { dice: 82.92, iou: 77.56 }),
      other("levit-unet", "LeViT-UNet", { dice: 86.98, iou: 79.68 }),
      other("transunet", "TransUNet", { dice: 89.97, iou: 83.32 }),
      other("unet-v2", "U-Net v2", { dice: 90.47, iou: 82.63 }),
      other("cto", "CTO", { dice: 90.63, iou: 83.97 }),
      other("vm-unet-v2", "VM-UNet V2", { dice: 90.79, iou: 83.31 }),
      full({ dice: 91.41, iou: 84.96 }),
      own({ name: "attention-unet", title: "Attention U-Net", network: "attention-unet" }),
      ctoOwnLoss,
      tiny,
    ],
  },
  {
    name: "table-3",
    title: "Networks on nuclei",
    source: `${PAPER}, table 3: CoNIC, 7 : 1 : 2 by source image`,
    metrics: ["dice", "iou", "pq"],
    protocol: "ratio",
    reference: "sgd-net",
    rows: [
      other("unet", "U-Net", { dice: 78.36, iou: 66.39, pq: 64.41 }),
      other("attention-unet", "Attention U-Net", { dice: 79.44, iou: 66.11, pq: 65.28 }),
      other("transunet", "TransUNet", { dice: 77.03, iou: 64.35, pq: 64.02 }),
      other("cto", "CTO", { dice: 80.67, iou: 67.97, pq: 67.17 }),
      full({ dice: 81.61, iou: 69.46, pq: 68.79 }),
    ],
  },
  {
    name: "table-4",
    title: "From the encoder alone to the whole network",
    source: `${PAPER}, table 4: ISIC 2018`,
    metrics: ["dice", "iou", "hd95"],
    reference: "sgd-net",
    rows: [
      sgdNet(
        "res2net",
        "Res2Net",
        { structure: false, refiner: "none", longRange: false },
        { dice: 89.13, iou: 82.42, hd95: 30.54 },
        { note: "no edge head, so no edge loss; context and decoder stay" },
      ),
      sgdNet(
        "res2net-vit",
        "Res2Net + ViT",
        { structure: false, refiner: "none" },
        { dice: 89.57, iou: 82.91, hd95: 32.63 },
      ),
      sgdNet(
        "sge-added",
        "+ SGE, guidance added to the features",
        { refiner: "add" },
        { dice: 90.39, iou: 83.43, hd95: 18.58 },
        { note: "added after a 1 x 1 convolution; the paper does not say how channels meet" },
      ),
      sgdNet(
        "sge-contmix",
        "+ SGE + ContMix",
        { refiner: "contMix" },
        { dice: 90.95, iou: 84.22, hd95: 24.21 },
        { note: "the guidance is ContMix's context; the paper does not say where it enters" },
      ),
      full(isic2018),
    ],
  },
  {
    name: "table-5",
    title: "SGD-Net without one of its parts",
    source: `${PAPER}, table 5: ISIC 2018`,
    metrics: ["dice", "iou", "hd95"],
    reference: "sgd-net",
    rows: [
      lambda(0, "no boundary supervision", { dice: 90.37, iou: 83.25, hd95: 23.51 }),
      sgdNet(
        "self-guidance",
        "self-guidance",
        { guidance: "self" },
        { dice: 90.52, iou: 83.65, hd95: 21.34 },
        { note: "kernels from the features alone; SGE and its edge loss stay" },
      ),
      sgdNet(
        "no-local-branch",
        "no local branch",
        { localBranch: false },
        { dice: 90.88, iou: 84.1, hd95: 18.95 },
      ),
      sgdNet(
        "no-dynamic-branch",
        "no dynamic branch",
        { dynamicBranch: false },
        { dice: 89.92, iou: 82.55, hd95: 25.12 },
      ),
      full(isic2018),
    ],
  },
  {
    name: "table-6",
    title: "What finds the edges",
    source: `${PAPER}, table 6: ISIC 2018`,
    metrics: ["dice", "iou"],
    reference: "sgd-net",
    rows: [
      sgdNet("edge-none", "none", { edgeOperator: "none" }, { dice: 88.5, iou: 80.12 }),
      sgdNet(
        "edge-learnable",
        "learnable convolution",
        { edgeOperator: "learnable" },
        { dice: 89.85, iou: 82.4 },
        { note: "two trained 3 x 3 kernels of the channel sum, random at first" },
      ),
      sgdNet("edge-scharr", "Scharr", { edgeOperator: "scharr" }, { dice: 90.44, iou: 83.57 }),
      sgdNet(
        "edge-laplacian",
        "Laplacian",
        { edgeOperator: "laplacian" },
        { dice: 92.11, iou: 85.26 },
      ),
      full({ dice: 91.41, iou: 84.96 }, "Sobel"),
      sgdNet("edge-adaptive", "adaptive: Sobel at first", { edgeOperator: "adaptive" }, undefined, {
        own: true,
      }),
      sgdNet(
        "edge-adaptive-unlabelled",
        "adaptive, no boundary labels",
        { edgeOperator: "adaptive" },
        undefined,
        {
          ...{ own: true, training: { lambda: 0 } },
          note: "no edge loss: the operator learns from the masks' loss alone, as where boundary labels are missing",
        },
      ),
    ],
  },
  {
    name: "table-7",
    title: "Weight of the edge loss",
    source: `${PAPER}, table 7: ISIC 2018`,
    metrics: ["dice", "iou"],
    reference: "sgd-net",
    rows: [
      lambda(0, "0", { dice: 90.37, iou: 83.25 }),
      lambda(1, "1", { dice: 90.0, iou: 82.74 }),
      lambda(3, "3", { dice: 91.41, iou: 84.96 }),
      lambda(5, "5", { dice: 90.23, iou: 82.91 }),
    ],
  },
  {
    name: "refiners",
    title: "Dynamic convolutions in SGDC's place",
    source: "not in the paper: every dynamic convolution that it cites, in the same network",
    metrics: ["dice", "iou", "hd95"],
    reference: "sgd-net",
    rows: [
      ...(["condConv", "dynamicConv", "odConv", "involution", "lsConv"] as const).map((refiner) =>
        sgdNet(`refiner-${refiner.toLowerCase()}`, refiner, { refiner }, undefined, { own: true }),
      ),
      sgdNet("sge-contmix", "ContMix", { refiner: "contMix" }),
      sgdNet("sge-added", "guidance added", { refiner: "add" }),
      sgdNet("no-refiner", "none", { refiner: "none" }, undefined, { own: true }),
      full(undefined, "SGDC"),
    ],
  },
];

/** @throws {ArgumentError} if there is none of that name. */
export function tableNamed(name: string): PaperTable {
  const found = paperTables.find((table) => table.name === name);
  if (found) return found;
  const names = paperTables.map((table) => table.name);
  throw new ArgumentError(
    `table must be one of ${names.join(", ")}, got ${JSON.stringify(name)}${didYouMean(name, names)}`,
  );
}

/**
 * The rows of these names, in the order of the table, and the reference.
 *
 * @param names  default: all
 * @throws {ArgumentError} if the table has no such row.
 */
export function rowsNamed(table: PaperTable, names?: readonly string[]): readonly TableRow[] {
  const all = table.rows.map((row) => row.name);
  const unknown = names?.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new ArgumentError(
      `rows (--rows) must be rows of ${table.name}: ${all.join(", ")}, got ${JSON.stringify(unknown)}${didYouMean(unknown, all)}`,
    );
  }
  return table.rows.filter(({ name }) => names === undefined || names.includes(name));
}

/**
 * Whether a published pair of means can hold: for every image IoU = Dice / (2 - Dice), a convex function, so the mean IoU is at least
 * that of the mean Dice (Jensen's inequality).
 *
 * @param dice, iou  in percent
 */
export const canHold = (dice: number, iou: number): boolean =>
  // Half of the last digit that is printed, in both.
  iou + 0.005 >= (100 * (dice - 0.005)) / (200 - (dice - 0.005));
