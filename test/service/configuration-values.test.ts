import * as assert from 'uvu/assert';
import { checkConfigurationValues } from '../../src/service/configuration-values.js';
import { suite } from '../support/suite.js';

const given = (values: Readonly<Record<string, unknown>>) =>
  checkConfigurationValues(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])));

const free = { is_enterprise: 'box_free', client_id: 'id', client_secret: 'secret', refresh_token: 'token' };
const enterprise = { is_enterprise: 'box_enterprise', client_id: 'id', client_secret: 'secret', enterprise_id: 12 };

suite('checkConfigurationValues', (test) => {
  test('reads both kinds of account; what the other kind needs is not looked at', () => {
    assert.equal(given({ ...free, enterprise_id: 'nonsense' }), {
      values: {
        isEnterprise: 'box_free',
        clientId: 'id',
        clientSecret: 'secret',
        refreshToken: 'token',
        enterpriseId: null,
        concurrentDownloads: 15,
      },
    });
    assert.equal(given({ ...enterprise, refresh_token: 'old', concurrent_downloads: '3' }), {
      values: {
        isEnterprise: 'box_enterprise',
        clientId: 'id',
        clientSecret: 'secret',
        refreshToken: null,
        enterpriseId: '12',
        concurrentDownloads: 3,
      },
    });
  });

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
