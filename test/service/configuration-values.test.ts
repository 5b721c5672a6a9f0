import * as assert from 'uvu/assert';
import { checkConfigurationValues } from '../../src/service/configuration-values.js';
import { suite } from '../support/suite.js';

const withoutService = { extraction_service: { host: null } } as Parameters<typeof checkConfigurationValues>[1];
const withService = { extraction_service: { host: 'http://e:1' } } as Parameters<typeof checkConfigurationValues>[1];

const given = (values: Readonly<Record<string, unknown>>, file = withoutService) =>
  checkConfigurationValues(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])), file);

const free = { is_enterprise: 'box_free', client_id: 'id', client_secret: 'secret', refresh_token: 'token' };
const enterprise = { is_enterprise: 'box_enterprise', client_id: 'id', client_secret: 'secret', enterprise_id: 12 };
const consoleFile = (changes: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    boxAppSettings: {
      clientID: 'id',
      clientSecret: 'secret',
      appAuth: { publicKeyID: 'k', privateKey: 'PRIVATE', passphrase: 'PASS' },
    },
    enterpriseID: '12',
    ...changes,
  });
const jwt = { is_enterprise: 'box_enterprise', auth_method: 'jwt', jwt_config: consoleFile() };

const freeValues = {
  isEnterprise: 'box_free',
  clientId: 'id',
  clientSecret: 'secret',
  refreshToken: 'token',
  enterpriseId: null,
  jwtConfig: null,
  concurrentDownloads: 15,
  extractionMethod: null,
};
const enterpriseValues = {
  ...freeValues,
  isEnterprise: 'box_enterprise',
  refreshToken: null,
  enterpriseId: '12',
};

suite('checkConfigurationValues', (test) => {
  test("reads both kinds of account with Elastic's six fields; what the other kind needs is not looked at", () => {
    assert.equal(given({ ...free, enterprise_id: 'nonsense' }), { values: freeValues });
    assert.equal(given({ ...enterprise, refresh_token: 'old', concurrent_downloads: '3' }), {
      values: { ...enterpriseValues, concurrentDownloads: 3 },
    });
  });

  test('a line break within a text is named by its field, and a secret is not shown', () => {
    assert.equal(given({ ...free, client_secret: 'ge\nheim', refresh_token: 'ge\u0000heim' }), {
      problem:
        "Field validation errors: 'Client Secret' has a line break or another control character in it, expected one line: copy it anew.; 'Refresh Token' has a line break or another control character in it, expected one line: copy it anew.",
    });
    // What was copied with the end of its line is trimmed.
    assert.equal(given({ ...free, client_secret: 'secret\n' }), { values: freeValues });
  });

  test('reads the same with our fields as they are written to an old connector, or left empty', () => {
    const asWritten = {
      auth_method: 'client_credentials',
      jwt_config: '',
      use_text_extraction_service: false,
      extraction_method: 'config_file',
      use_document_level_security: false,
    };
    const empty = Object.fromEntries(Object.keys(asWritten).map((key) => [key, null]));
    for (const own of [asWritten, empty]) {
      assert.equal(given({ ...free, ...own }), { values: freeValues });
      assert.equal(given({ ...enterprise, ...own }), { values: enterpriseValues });
    }
  });

  test('never asks Box Free for what belongs to JWT, whatever is left in those fields', () => {
    assert.equal(given({ ...free, auth_method: 'jwt', jwt_config: 'nonsense' }), { values: freeValues });
    assert.equal(given({ ...free, auth_method: 'nonsense' }), { values: freeValues });
  });

  test('does not look at a JWT configuration while client credentials are chosen', () => {
    assert.equal(given({ ...enterprise, jwt_config: 'nonsense' }), { values: enterpriseValues });
  });

  test('signs in by JWT with what the file has, or with the same in the fields', () => {
    assert.equal(given(jwt), {
      values: { ...enterpriseValues, clientId: '', clientSecret: '', enterpriseId: null, jwtConfig: jwt.jwt_config },
    });
    const full = { ...enterprise, ...jwt, jwt_config: `\n${jwt.jwt_config}\n` };
    assert.equal(given(full), { values: { ...enterpriseValues, jwtConfig: jwt.jwt_config } });
  });

  const methods: readonly (readonly [Readonly<Record<string, unknown>>, string | null])[] = [
    [{}, null],
    [{ extraction_method: 'config_file' }, null],
    [{ extraction_method: 'none' }, 'none'],
    [{ extraction_method: 'tika' }, 'tika'],
    [{ extraction_method: 'ingest_attachment' }, 'ingest_attachment'],
    [{ use_text_extraction_service: true }, 'extraction_service'],
    [{ use_text_extraction_service: true, extraction_method: 'nonsense' }, 'extraction_service'],
  ];
  for (const [own, method] of methods) {
    test(`has the extraction ${method ?? 'of the file'} for ${JSON.stringify(own)}`, () => {
      assert.equal(given({ ...free, ...own }, withService), { values: { ...freeValues, extractionMethod: method } });
    });
  }

  const faults: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['an empty required field', { ...free, client_id: '' }, "'Client ID' cannot be empty."],
    ['one of blanks', { ...free, client_id: '  ' }, "'Client ID' cannot be empty."],
    ['one that is null', { ...free, refresh_token: null }, "'Refresh Token' cannot be empty."],
    [
      'a text for a number',
      { ...enterprise, enterprise_id: 'x1' },
      `'Enterprise ID' should be a whole number, found "x1".`,
    ],
    ['a fraction', { ...enterprise, enterprise_id: 1.5 }, "'Enterprise ID' should be a whole number, found 1.5."],
    ['too many', { ...free, concurrent_downloads: 16 }, "'Maximum concurrent downloads' value should be less than 16."],
    ['too few', { ...free, concurrent_downloads: 0 }, "'Maximum concurrent downloads' value should be greater than 0."],
    [
      'an unknown account',
      { ...free, is_enterprise: 'x' },
      `'Box Account' has the value "x", expected one of box_free, box_enterprise.`,
    ],
    ['an object for a text', { ...free, client_secret: {} }, "'Client Secret' should be a text, found object."],
    [
      'an unknown sign-in',
      { ...enterprise, auth_method: 'oauth' },
      `'Authentication Method' has the value "oauth", expected one of client_credentials, jwt.`,
    ],
    ['JWT without its configuration', { ...jwt, jwt_config: ' ' }, "'JWT Configuration' cannot be empty."],
    [
      'a JWT configuration that is none, without showing it',
      { ...jwt, jwt_config: '{ "SECRET' },
      "'JWT Configuration': Cannot read the JWT config file: it is not JSON; download it again from the developer console.",
    ],
    [
      'a JWT configuration that lacks a field',
      { ...jwt, jwt_config: consoleFile({ enterpriseID: undefined }) },
      `'JWT Configuration': Cannot use the JWT config file: field "enterpriseID" is nothing, expected a text; download the file again from the developer console.`,
    ],
    [
      'fields that differ from the JWT configuration, one of which would have no effect',
      { ...jwt, client_id: 'id', client_secret: 'other', enterprise_id: 13 },
      "'Client Secret' is not the one in 'JWT Configuration': copy it from there.; 'Enterprise ID' is not the one in 'JWT Configuration': copy it from there.",
    ],
    [
      'an unknown extraction',
      { ...free, extraction_method: 'ocr' },
      `'Text extraction' has the value "ocr", expected one of config_file, ingest_attachment, tika, none.`,
    ],
    [
      'the extraction service, whose address the file does not name',
      { ...free, use_text_extraction_service: true },
      `'Use text extraction service' needs "extraction_service.host" in config.yml, expected the address of the service.`,
    ],
    [
      'a text for a switch',
      { ...free, use_text_extraction_service: 'yes' },
      `'Use text extraction service' should be true or false, found "yes".`,
    ],
    [
      'permissions, which are not synced',
      { ...free, use_document_level_security: true },
      "'Enable document level security' must be off: this version does not sync permissions.",
    ],
  ];
  for (const [name, values, message] of faults) {
    test(`refuses ${name}`, () => {
      assert.equal(given(values), { problem: `Field validation errors: ${message}` });
    });
  }

  test('names all faults at once', () => {
    assert.equal(given({ is_enterprise: 'box_free' }), {
      problem:
        "Field validation errors: 'Client ID' cannot be empty.; 'Client Secret' cannot be empty.; 'Refresh Token' cannot be empty.",
    });
  });
});
