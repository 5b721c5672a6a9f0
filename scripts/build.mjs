// node scripts/build.mjs            makes dist/: the bundled program (dist/main.js) and the library (dist/index.js)
// node scripts/build.mjs --program  only the program, in a fraction of a second
//
// The program is bundled because it then starts in half the time and needs less memory; what a command imports lazily
// stays apart in dist/chunks. The library stays unbundled ES modules with types, so that a composer's own bundler can
// drop what is not used.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

// What cannot be bundled: it loads a prebuilt binary of the platform from a package of its own.
const native = ['libsql'];

// The Elasticsearch client loads the code of all its 60 namespaces when it is imported. With this change to one of its
// files each is loaded when it is first used: 10 MiB and a tenth of a second less for every start.
const lazyNamespaces = {
  name: 'lazy-namespaces',
  setup({ onLoad }) {
    onLoad({ filter: /@elastic\/elasticsearch\/lib\/api\/index\.js$/ }, ({ path }) => {
      const eager = /const (\w+) = tslib_1\.__importDefault\(require\(("\.\/api\/[^"]+")\)\);/g;
      const contents = readFileSync(path, 'utf8').replace(
        eager,
        'const $1 = { get default() { return tslib_1.__importDefault(require($2)).default; } };',
      );
      return { contents, loader: 'js' };
    });
  },
};

const results = await Promise.all([program(), process.argv.includes('--program') ? 0 : library()]);
process.exitCode = Math.max(...results);

async function program() {
  const entry = 'src/main.ts';
  if (!existsSync(entry)) {
    console.error(`Cannot bundle the program: "${entry}" does not exist`);
    return 1;
  }
  const { metafile, errors } = await build({
    entryPoints: [entry],
    outdir: 'dist',
    entryNames: '[name]',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Names stay, for stack traces; the rest is a third of the text, which the engine keeps in memory.
    minifySyntax: true,
    minifyWhitespace: true,
    charset: 'ascii',
    external: native,
    // Its CommonJS form, since modules of that kind can be loaded when they are first used: see `lazyNamespaces`.
    alias: { '@elastic/elasticsearch': './node_modules/@elastic/elasticsearch/index.js' },
    plugins: [lazyNamespaces],
    define: { CONNECTOR_VERSION: JSON.stringify(version) },
    // Packages in CommonJS ask for `require`, `__filename` and `__dirname`, which an ES module lacks.
    banner: {
      js: [
        "import { createRequire as __createRequire } from 'node:module';",
        "import { fileURLToPath as __fileURLToPath } from 'node:url';",
        'const require = __createRequire(import.meta.url);',
        'const __filename = __fileURLToPath(import.meta.url);',
        "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
      ].join(''),
    },
    sourcemap: 'external',
    legalComments: 'none', // dist/THIRD-PARTY.txt has the licences in full
    metafile: true,
    logLevel: 'warning',
  }).catch((error) => ({ errors: error.errors ?? [error] }));
  if (errors.length > 0) return 1;
  removeOldChunks(Object.keys(metafile.outputs));
  writeFileSync('dist/THIRD-PARTY.txt', licences(Object.keys(metafile.inputs)));
  return 0;
}

/** Chunks have their hash in the name: those of an earlier build are dead, but not before the new ones are there. */
function removeOldChunks(outputs) {
  if (!existsSync('dist/chunks')) return;
  for (const name of readdirSync('dist/chunks')) {
    if (!outputs.includes(`dist/chunks/${name}`)) rmSync(join('dist/chunks', name));
  }
}

/** The licences of the packages whose code is in the bundle. */
function licences(inputs) {
  const folders = new Set(inputs.map((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]));
  folders.delete(undefined);
  const parts = [...folders].sort().map((folder) => {
    const {
      name,
      version: itsVersion,
      license = 'no licence stated',
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${itsVersion} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}`;
  });
  return `${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** Compiled only when something that it is made from has changed since: that takes most of the time. */
async function library() {
  const stampFile = '.cache/library.stamp';
  const stamp = createHash('sha256');
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const inputs = [
    ...sources.sort().map((file) => join('src', file)),
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
  ];
  for (const input of inputs) stamp.update(`${input}\0`).update(readFileSync(input)).update('\0');
  const digest = stamp.digest('hex');
  if (existsSync('dist/index.d.ts') && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest) return 0;

  for (const entry of existsSync('dist') ? readdirSync('dist') : []) {
    const isOfTheProgram = /^main\.|^chunks$|^THIRD-PARTY/.test(entry);
    if (!isOfTheProgram) rmSync(join('dist', entry), { recursive: true });
  }
  const code = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  if (code === 0) {
    mkdirSync('.cache', { recursive: true });
    writeFileSync(stampFile, digest);
  }
  return code;
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    spawn(command, args, { stdio: 'inherit' }).once('error', reject).once('close', resolve);
  });
}
