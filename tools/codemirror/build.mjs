// Makes app/web/static/vendor/codemirror.js, and beside it the licences of all that is in it. `make codemirror` runs this.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = "../../app/web/static/vendor/";
const made = await build({
  entryPoints: ["entry.js"],
  bundle: true,
  format: "esm",
  minify: true,
  legalComments: "none",
  target: "es2022",
  metafile: true,
  write: false,
  banner: { js: "/* CodeMirror 6 and what it needs, made by `make codemirror`; licences in codemirror.LICENSE.txt. */" },
});
const packages = new Set(
  Object.keys(made.metafile.inputs).flatMap((file) => file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []),
);
const licences = [];
for (const name of [...packages].sort()) {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf-8"));
  licences.push(`${name} ${version}\n\n${(await readFile(`node_modules/${name}/LICENSE`, "utf-8")).trim()}\n`);
}
await writeFile(`${OUT}codemirror.js`, made.outputFiles[0].contents);
await writeFile(`${OUT}codemirror.LICENSE.txt`, licences.join(`\n${"-".repeat(80)}\n\n`));
console.log(`${packages.size} packages, ${made.outputFiles[0].contents.length} bytes`);
