import * as assert from 'uvu/assert';
import { parseJwtConfig } from '../../src/box/jwt-config.js';
import { ConfigError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

const file = {
  boxAppSettings: {
    clientID: 'client',
    clientSecret: 'geheim',
    appAuth: { publicKeyID: 'key1', privateKey: 'PEM-geheim', passphrase: 'pass-geheim' },
  },
  enterpriseID: '123',
};

function problemsOf(text: string): readonly string[] {
  try {
    parseJwtConfig(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

suite('parseJwtConfig()', (test) => {
  test("reads the developer console's file", () => {
    assert.equal(parseJwtConfig(JSON.stringify(file)), {
      clientId: 'client',
      clientSecret: 'geheim',
      publicKeyId: 'key1',
      privateKey: 'PEM-geheim',
      passphrase: 'pass-geheim',
      enterpriseId: '123',
    });
  });

  test('takes an enterprise id that is a number, and a key without a passphrase', () => {
    const { passphrase, ...appAuth } = file.boxAppSettings.appAuth;
    assert.ok(passphrase);
    const other = { boxAppSettings: { ...file.boxAppSettings, appAuth }, enterpriseID: 123 };
    const config = parseJwtConfig(JSON.stringify(other));
    assert.equal([config.enterpriseId, config.passphrase], ['123', '']);
  });

  test('names every field that is missing or wrong, and no value', () => {
    const problems = problemsOf(
      JSON.stringify({
        boxAppSettings: { clientID: '', clientSecret: ['geheim'], appAuth: { privateKey: null, passphrase: 7.5 } },
      }),
    );
    const found = problems.map((problem) => /field "([^"]+)" is (.*), expected a text/.exec(problem)?.slice(1));
    assert.equal(found, [
      ['boxAppSettings.clientID', 'an empty text'],
      ['boxAppSettings.clientSecret', 'object'],
      ['boxAppSettings.appAuth.publicKeyID', 'nothing'],
      ['boxAppSettings.appAuth.privateKey', 'null'],
      ['boxAppSettings.appAuth.passphrase', 'number'],
      ['enterpriseID', 'nothing'],
    ]);
    assert.not.match(problems.join(), 'geheim');
  });

  test('what is no JSON is said so, without quoting it', () => {
    const [problem = ''] = problemsOf('{"clientSecret": geheim}');
    assert.match(problem, 'it is not JSON');
    assert.not.match(problem, 'geheim');
  });

  test('JSON that is no object lacks every field but the passphrase', () => {
    for (const text of ['null', '[]', '"x"']) assert.is(problemsOf(text).length, 5);
  });
});
