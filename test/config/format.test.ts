import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { leaves } from '../../src/config/leaves.js';
import {
  boxId,
  boxIds,
  byteSize,
  flag,
  type Format,
  headers,
  httpUrl,
  logLevel,
  seconds,
  text,
  wholeNumber,
} from '../../src/config/format.js';
import { suite } from '../support/suite.js';

const refused = Symbol('refused');

const tables: readonly (readonly [
  name: string,
  format: Format<unknown>,
  cases: readonly (readonly [unknown, unknown])[],
])[] = [
  [
    'byteSize',
    byteSize({ max: 64 * 1024 ** 2 }),
    [
      [0, 0],
      [1024, 1024],
      ['1024', 1024],
      ['32mb', 33_554_432],
      ['32MiB', 33_554_432],
      ['10 MB', 10_485_760],
      ['1.5kb', 1536],
      ['5b', 5],
      ['2k', 2048],
      ['65mb', refused],
      [-1, refused],
      [1.5, refused],
      ['', refused],
      ['mb', refused],
      ['1tb', refused],
      ['-1', refused],
      [NaN, refused],
      [null, refused],
      [['1'], refused],
      [{ toString: 0 }, refused],
    ],
  ],
  [
    'wholeNumber',
    wholeNumber({ min: 1, max: 64 }),
    [
      [1, 1],
      [64, 64],
      ['8', 8],
      [' 8 ', 8],
      ['8.0', 8],
      [0, refused],
      [65, refused],
      [1.5, refused],
      ['8a', refused],
      ['', refused],
      ['0x8', refused],
      [Infinity, refused],
      [true, refused],
      [[8], refused],
    ],
  ],
  [
    'wholeNumber without bounds',
    wholeNumber(),
    [
      [2 ** 53, refused],
      [NaN, refused],
      ['-3', -3],
    ],
  ],
  [
    'seconds',
    seconds(),
    [
      [0.05, 0.05],
      ['0.05', 0.05],
      [0, 0],
      [-1, refused],
      ['1e3', refused],
      ['5s', refused],
    ],
  ],
  [
    'flag',
    flag(),
    [
      [true, true],
      [false, false],
      ['True', true],
      ['no', false],
      ['ON', true],
      ['0', false],
      ['', refused],
      ['maybe', refused],
      [1, refused],
      [null, refused],
    ],
  ],
  [
    'text',
    text(),
    [
      ['a', 'a'],
      [' a ', ' a '],
      ['', refused],
      ['  ', refused],
      [1, refused],
      [true, refused],
    ],
  ],
  [
    'httpUrl',
    httpUrl(),
    [
      ['http://localhost:9200', 'http://localhost:9200'],
      ['https://a.b/c/', 'https://a.b/c'],
      ['HTTP://a', 'HTTP://a'],
      ['localhost:9200', refused],
      ['ftp://a', refused],
      ['http://', refused],
      ['http:///a', refused],
      ['http://a:99999', refused],
      ['http://a b', refused],
      [1, refused],
    ],
  ],
  [
    'boxId',
    boxId(),
    [
      [1234567, '1234567'],
      ['1234567', '1234567'],
      ['12345678901234567890', '12345678901234567890'],
      [' 1 ', '1'],
      [2 ** 60, refused],
      [-1, refused],
      [1.5, refused],
      ['', refused],
      ['a b', refused],
      [null, refused],
    ],
  ],
  [
    'boxIds',
    boxIds(),
    [
      [
        [1, '2'],
        ['1', '2'],
      ],
      ['1, 2,', ['1', '2']],
      ['', []],
      [[], []],
      [[null], refused],
      [5, refused],
      [{}, refused],
    ],
  ],
  [
    'logLevel',
    logLevel(),
    [
      ['INFO', 'info'],
      ['Warning', 'warn'],
      ['CRITICAL', 'fatal'],
      ['verbose', refused],
    ],
  ],
  [
    'headers',
    headers(),
    [
      [{ 'X-A': 'b' }, { 'X-A': 'b' }],
      ['{"X-A": "b"}', { 'X-A': 'b' }],
      [{}, {}],
      [{ 'a.b': 'c' }, refused],
      [{ __proto__x: 'c' }, refused],
      [{ a: 1 }, refused],
      [{ a: 'b\r\nc: d' }, refused],
      [[], refused],
      ['{', refused],
    ],
  ],
];

suite('formats', (test) => {
  for (const [name, format, cases] of tables) {
    for (const [found, expected] of cases) {
      const outcome = expected === refused ? 'refuses' : 'reads';
      test(`${name} ${outcome} ${JSON.stringify(found)}`, () => {
        const parsed = format.parse(found);
        assert.equal(parsed.kind === 'value' ? parsed.value : refused, expected);
        if (expected === refused) assert.throws(() => format(found));
        else assert.not.throws(() => format(found));
      });
    }
  }

  test('property: what a format has read, it reads again as the same', () => {
    for (const [key, { format }] of leaves) {
      fc.assert(
        fc.property(fc.oneof(fc.anything({ maxDepth: 2 }), fc.nat().map(String), fc.constant('1kb')), (found) => {
          const first = format.parse(found);
          if (first.kind !== 'value') return;
          assert.equal(format.parse(first.value), first, key);
        }),
        { numRuns: 50 },
      );
    }
  });
});
