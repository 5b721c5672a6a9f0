// node scripts/demo.mjs [what to search for]
// The whole product on this computer alone: a simulated Box, one sync into an embedded index, a search in it.
// Everything it writes is in a temporary folder and goes away at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, 'dist', 'main.js');
const config = join(root, 'config', 'local-demo.yml');
const question = process.argv.slice(2).join(' ') || 'battery room';
const folder = mkdtempSync(join(tmpdir(), 'box-connector-demo-'));
const children = new Set();
const isTerminal = process.stdout.isTTY === true;

process.once('SIGINT', () => finish(130));
process.once('SIGTERM', () => finish(143));
try {
  await demo();
  finish(0);
} catch (error) {
  console.error(`\nThe demo failed: ${error.message}`);
  finish(1);
}

async function demo() {
  title('1. A Box to play with');
  say('Northwind Boats builds electric ferries. Its Box is simulated, on this computer.');
  const simulator = start(['simulate', '--port', '0', '--preset', 'demo']);
  const { url } = await firstJsonLine(simulator, 'the simulator');
  say(`It answers at ${url}, in the same words as api.box.com.`);

  title('2. The first sync: everything');
  const first = await sync(url);
  say(
    `${first.listed} files, folders and links were found, ${first.written} documents written, in ${first.seconds} s.`,
  );
  say(`Calls to Box: ${calls(first.boxCalls)}. Memory at the most: ${Math.round(first.peakRssMiB)} MiB.`);

  title('3. The second sync: nothing has changed');
  const second = await sync(url);
  say(`${second.listed} found, ${second.unchanged} unchanged, ${second.written} written. Nothing is fetched twice.`);

  title(`4. Search: ${question}`);
  const { code, lines } = await run(['--config', config, 'search', '--limit', '3', question], url, 'pipe');
  if (code !== 0) throw new Error(`"search" ended with exit code ${code}`);
  if (lines.length === 0) say('Nothing was found. Try: node scripts/demo.mjs charging harbour');
  for (const [position, line] of lines.entries()) {
    const { path, snippet } = JSON.parse(line);
    say(`${position + 1}. ${path}`);
    say(`   ${readable(snippet)}`);
  }

  title('Yours now');
  say('With your own Box and Elasticsearch: copy the example in config/ that fits how you sign in, put in your own');
  say('values, then');
  say('');
  say('  node dist/main.js --config my.yml check     says in words what is missing');
  say('  node dist/main.js --config my.yml sync');
  say('');
  say('README.md has the steps. `make demo` again with another question: node scripts/demo.mjs charging harbour');
}

/** Exit code 3 is a sync that is complete but for something that it names: for a demo that is not good enough either. */
async function sync(url) {
  const { code, lines } = await run(['--config', config, 'sync'], url, 'pipe');
  const summary = lines.at(-1);
  if (code !== 0) throw new Error(`"sync" ended with exit code ${code}${summary ? `: ${summary}` : ''}`);
  return JSON.parse(summary);
}

function calls(boxCalls) {
  return Object.entries(boxCalls)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

function start(args, url, stdout = 'pipe') {
  const child = spawn(process.execPath, [program, '--log-level', 'warn', ...args], {
    // Relative paths of the configuration start here.
    cwd: folder,
    stdio: ['ignore', stdout, 'inherit'],
    env: { ...process.env, ...(url && { BOX_BASE_URL: url }) },
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function run(args, url, stdout) {
  const child = start(args, url, stdout);
  const lines = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { code, lines };
}

function firstJsonLine(child, what) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${what} ended with exit code ${code} before it was ready`)));
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
  });
}

function title(text) {
  console.log(isTerminal ? `\n\u001b[1m${text}\u001b[0m` : `\n${text}`);
}

/** A passage on one line, the words that were found in bold, or in brackets where there is no bold. */
function readable(snippet) {
  const [open, close] = isTerminal ? ['\u001b[1m', '\u001b[22m'] : ['[', ']'];
  return snippet.replace(/\s+/g, ' ').replaceAll('<em>', open).replaceAll('</em>', close);
}

function say(text) {
  console.log(text === '' ? '' : `   ${text}`);
}

function finish(code) {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}
