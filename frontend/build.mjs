// Builds the scripts, the stylesheet and the icon sprite into Django's static folder, under plain names:
// WhiteNoise's manifest storage gives them their hashes when static files are collected.
import { copyFileSync, readFileSync, writeFileSync, mkdirSync, rmSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import * as esbuild from "esbuild";
import { ICONS } from "./icons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.env.BUILT ?? join(here, "../src/anlan/foundation/static/built");
const watching = process.argv.includes("--watch");

/** Read one outline icon and return it as a <symbol> of the sprite. */
function symbol(name) {
  const file = join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
  const svg = readFileSync(file, "utf8");
  const body = svg
    .slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"))
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"` +
    ` stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
}

function writeSprite() {
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${ICONS.map(symbol).join("\n")}</svg>\n`;
  writeFileSync(join(out, "icons.svg"), sprite);
}

/** Lay the Chinese font where the documents (PDF) are set from; pages use the system's. */
function layFonts() {
  const fonts = join(here, "../src/anlan/insight/fonts");
  mkdirSync(fonts, { recursive: true });
  for (const weight of ["400Regular", "600SemiBold"]) {
    const name = `NotoSansSC_${weight}.ttf`;
    copyFileSync(join(here, "node_modules/@expo-google-fonts/noto-sans-sc", weight, name), join(fonts, name));
  }
}

if (!watching && existsSync(out)) rmSync(out, { recursive: true });
mkdirSync(out, { recursive: true });
writeSprite();
layFonts();

const options = {
  entryPoints: {
    anlan: join(here, "src/anlan.ts"),
    map: join(here, "src/map.ts"),
    chart: join(here, "src/chart.ts"),
    field: join(here, "src/field/field.ts"),
    field_worker: join(here, "src/field/worker.ts"),
    style: join(here, "styles/style.css"),
  },
  bundle: true,
  minify: !watching,
  format: "iife",
  target: ["chrome87", "firefox78", "safari14.1"],
  charset: "utf8",
  legalComments: "linked",
  loader: { ".png": "empty" },
  external: [],
  outdir: out,
  logLevel: "info",
};

if (watching) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
