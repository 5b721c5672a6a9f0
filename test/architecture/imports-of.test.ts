import * as assert from 'uvu/assert';
import { importsOf } from '../support/imports-of.js';
import { suite } from '../support/suite.js';

suite('importsOf()', (test) => {
  test('tells types from values, and sees every form', () => {
    const text = [
      "import type { A } from './a.js';",
      "import { type B, type C } from '../core/b.js';",
      "import { type D, e } from './d.js';",
      "import f, { type G } from './f.js';",
      "import * as h from 'pack';",
      "export { i } from './i.js';",
      "export * from './j.js';",
      "export const k = await import('./k.js');",
      "import './l.js';",
      'import {\n  type M,\n  n,\n} from',
      "  './m.js';",
      "// import { x } from './x.js';",
      "/** import { y } from './y.js'; */",
    ].join('\n');
    const seen = importsOf({ path: 'box/z.ts', text }).map(({ to, onlyTypes }) => (onlyTypes ? `type ${to}` : to));
    assert.equal(seen.sort(), [
      'box/d.ts',
      'box/f.ts',
      'box/i.ts',
      'box/j.ts',
      'box/k.ts',
      'box/l.ts',
      'box/m.ts',
      'pack',
      'type box/a.ts',
      'type core/b.ts',
    ]);
  });
});
