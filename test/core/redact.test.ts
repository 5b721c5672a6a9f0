import * as assert from 'uvu/assert';
import { redact } from '../../src/core/redact.js';
import { AuthError, ConfigError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

suite('redact()', (test) => {
  const cases: readonly (readonly [string, string])[] = [
    ['access_token=abcDEF123&next=1', 'access_token=[redacted]&next=1'],
    ['{"refresh_token":"abc.def","expires_in":3600}', '{"refresh_token":"[redacted]","expires_in":3600}'],
    ['client_secret: s3cr3t', 'client_secret: [redacted]'],
    ['assertion=eyJhbGciOi.J9.x', 'assertion=[redacted]'],
    ['"passphrase" : "open sesame", "x": 1', '"passphrase" : "[redacted]", "x": 1'],
    ["password: 'it\\'s' and", "password: '[redacted]' and"],
    [
      '"privateKey":"-----BEGIN\\nabc, def\\n","passphrase":"x"}',
      '"privateKey":"[redacted]","passphrase":"[redacted]"}',
    ],
    ['"access_token":"cut off he', '"access_token":"[redacted]"'],
    ['exit code: 404, error_code=7', 'exit code: 404, error_code=7'],
    ['Authorization: Bearer abcdef123456', 'Authorization: Bearer [redacted]'],
    ['Authorization: ApiKey a2V5OnZhbHVl', 'Authorization: ApiKey [redacted]'],
    ['http://elastic:changeme@localhost:9200/x', 'http://[redacted]@localhost:9200/x'],
    ['/callback?code=abc&state=1', '/callback?code=[redacted]&state=1'],
    ['nothing here is secret: folder 42', 'nothing here is secret: folder 42'],
  ];
  for (const [text, expected] of cases) {
    test(`cuts out what is secret in ${text}`, () => {
      assert.is(redact(text), expected);
    });
  }

  test('errors are redacted when they are made', () => {
    assert.is(new AuthError('refused: access_token=abc').message, 'refused: access_token=[redacted]');
    assert.equal(new ConfigError(['password: abc', 'host: x']).problems, ['password: [redacted]', 'host: x']);
  });
});
