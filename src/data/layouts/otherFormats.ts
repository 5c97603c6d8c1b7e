/** Medical image files that are not read here, named as what they are, with what to do about them. */
import { imageExtensions } from "../dataset.ts";

const volume = "save its slices as PNG or TIFF, with their masks";
const slide = "cut regions of it out as PNG or TIFF, e.g. with QuPath or OpenSlide";
const microscope =
  "export it as TIFF or PNG of 8 or 16 bits, e.g. with Fiji or the microscope's program";
const array = "save its images and masks as PNG or TIFF files";

const others: Readonly<Record<string, string>> = {
  ".nii": `a NIfTI volume, of three dimensions; ${volume}`,
  ".nii.gz": `a NIfTI volume, of three dimensions; ${volume}`,
  ".hdr": `an Analyze or NIfTI header of a volume; ${volume}`,
  ".mha": `a MetaImage volume; ${volume}`,
  ".mhd": `a MetaImage volume; ${volume}`,
  ".nrrd": `an NRRD volume; ${volume}`,
  ".mgz": `a FreeSurfer volume; ${volume}`,
  ".svs": `a whole slide image of Aperio; ${slide}`,
  ".ndpi": `a whole slide image of Hamamatsu; ${slide}`,
  ".mrxs": `a whole slide image of 3DHISTECH; ${slide}`,
  ".scn": `a whole slide image of Leica; ${slide}`,
  ".bif": `a whole slide image of Ventana; ${slide}`,
  ".vsi": `a whole slide image of Olympus; ${slide}`,
  ".qptiff": `a whole slide image of Akoya; ${slide}`,
  ".czi": `a microscope file of Zeiss; ${microscope}`,
  ".lif": `a microscope file of Leica; ${microscope}`,
  ".nd2": `a microscope file of Nikon; ${microscope}`,
  ".oib": `a microscope file of Olympus; ${microscope}`,
  ".h5": `an HDF5 file; ${array}`,
  ".hdf5": `an HDF5 file; ${array}`,
  ".mat": `a Matlab file; ${array}`,
  ".npz": `a NumPy archive; ${array}`,
  ".heic": "a photograph of HEVC; save it as JPEG or PNG",
  ".psd": "a Photoshop file; export it as PNG",
  ".pdf": "a document; export its pictures as PNG",
};

/** What a file is by its extension, and what to do; undefined if it is no such file. */
export function otherFormat(file: string): string | undefined {
  const extension = /(\.nii\.gz|\.[^.\\/]*)$/.exec(file.toLowerCase())?.[1] ?? "";
  return Object.hasOwn(others, extension) ? others[extension] : undefined;
}

/** The message about a folder without images, which names what it holds instead. */
export function noImagesIn(folder: string, files: readonly string[]): string {
  const first = files.find((file) => otherFormat(file) !== undefined);
  const got = first === undefined ? "none" : `${first}, ${otherFormat(first)!}`;
  return `${folder}: folder must hold images (${imageExtensions.join(" ")}), got ${got}`;
}
