import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import ts from 'typescript';
import * as assert from 'uvu/assert';
import { parse as parseYaml } from 'yaml';
import { runCommandLine } from '../../src/app/command-line.js';
import { loadConfig } from '../../src/config/load-config.js';
import { parseSyncRules } from '../../src/operators/sync-rules/parse-sync-rules.js';
import { type DocBlock, docBlocks, docPages, readDocPage } from '../support/documentation.js';
import { projectFolder } from '../support/source-files.js';
import { noService } from '../support/no-service.js';
import { suite } from '../support/suite.js';

suite(
  'documentation',
  (test) => {
    const blocks = docPages.flatMap(docBlocks);
    const of = (language: string): readonly DocBlock[] => {
      const found = blocks.filter((block) => block.language === language);
      assert.ok(found.length > 0, `no block of ${language} was found`);
      return found;
    };

    test('every block says what it is, in a language that is checked', () => {
      const unknown = blocks.filter(({ language }) => !['sh', 'yaml', 'json', 'ts', 'http', 'text'].includes(language));
      assert.equal(
        unknown.map(({ place, language }) => `${place} "${language}"`),
        [],
      );
    });

    test('configurations can be loaded, without a fault or a warning', () => {
      for (const { place, text } of of('yaml')) {
        const env = Object.fromEntries([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name ?? '', 'a-secret']));
        const whole = /^box:/m.test(text) ? 'sync' : /^connectors:/m.test(text) ? 'service' : undefined;
        try {
          const { warnings, mode } = loadConfig(
            { env, readText: () => text, checkSyncRules },
            { path: 'config.yml', purpose: whole === undefined ? 'nothing' : 'either' },
          );
          assert.equal([...warnings, mode], [whole ?? 'none']);
        } catch (error) {
          throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
        }
        assert.ok(Object.keys(parseYaml(text) as object).length > 0, place);
      }
    });

    test('JSON can be parsed, that of requests too', () => {
      const bodies = of('http').map(({ place, text }) => ({ place, text: text.replace(/^.*\n/, '') }));
      for (const { place, text } of [...of('json'), ...bodies]) {
        try {
          JSON.parse(text);
        } catch (error) {
          throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
        }
      }
    });

    test('TypeScript compiles against the library', () => {
      assert.equal(faultsOf(of('ts')), []);
    });

    test('the table of commands in README.md is that of the program', async () => {
      const documented = [...readDocPage('README.md').matchAll(/^\| `([a-z-]+)[^`]*`/gm)].map(([, name]) => name ?? '');
      assert.equal(documented.sort(), [...commandsIn(await helpOf([]))].sort());
    });

    test('links lead to files, and to headings in them', () => {
      const broken: string[] = [];
      let links = 0;
      for (const page of docPages) {
        for (const [, target = ''] of readDocPage(page).matchAll(/\]\(([^)\s]+)\)/g)) {
          if (/^https?:/.test(target)) continue;
          links += 1;
          const [path = '', anchor] = target.split('#');
          const file = path === '' ? join(projectFolder, page) : resolve(projectFolder, dirname(page), path);
          if (!existsSync(file)) broken.push(`${page}: ${target}`);
          else if (anchor !== undefined && !anchorsOf(file).includes(anchor)) broken.push(`${page}: ${target}`);
        }
      }
      assert.ok(links > 0, 'no link was found');
      assert.equal(broken, []);
    });
  },
  { timeoutMs: 60_000 },
);

function checkSyncRules(rules: readonly unknown[]): readonly string[] {
  const parsed = parseSyncRules(rules);
  return 'problems' in parsed ? parsed.problems.flatMap(({ messages }) => messages) : [];
}

function anchorsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

async function helpOf(command: readonly string[]): Promise<string> {
  let text = '';
  const out = () =>
    new Writable({
      write: (chunk, _, done) => {
        text += String(chunk);
        done();
      },
    });
  const { signal } = new AbortController();
  await runCommandLine(
    [...command, '--help'],
    { env: {}, stdout: out(), stderr: out(), stop: signal, abort: signal, pid: 1, peakRssMiB: () => 0 },
    noService,
  );
  return text;
}

function commandsIn(help: string): readonly string[] {
  const listed = help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)/gm);
  return [...listed].map(([, name]) => name ?? '').filter((name) => name !== 'help');
}

/** Each block is a file of its own beside the examples, under the project's settings, with the package's own name. */
function faultsOf(blocks: readonly DocBlock[]): readonly string[] {
  const file = ts.readJsonConfigFile(join(projectFolder, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonSourceFileConfigFileContent(file, ts.sys, projectFolder);
  const settings: ts.CompilerOptions = {
    ...options,
    noEmit: true,
    noUnusedLocals: false,
    paths: { 'box-elasticsearch-connector': [join(projectFolder, 'src', 'index.ts')] },
  };
  const texts = new Map(
    blocks.map((block, index) => [join(projectFolder, 'examples', `block-${index}.ts`), block] as const),
  );
  const host = ts.createCompilerHost(settings);
  const real = { ...host };
  host.fileExists = (path) => texts.has(path) || real.fileExists(path);
  host.readFile = (path) => texts.get(path)?.text ?? real.readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const block = texts.get(path);
    return block ? ts.createSourceFile(path, block.text, version) : real.getSourceFile(path, version, ...rest);
  };
  const program = ts.createProgram([...texts.keys()], settings, host);
  return [...texts].flatMap(([path, { place }]) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(
        ({ messageText, start = 0, file: inFile }) =>
          `${place}+${(inFile?.getLineAndCharacterOfPosition(start).line ?? 0) + 1} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      ),
  );
}
