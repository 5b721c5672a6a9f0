import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/core/errors.js';
import { valuesOfBox, valuesOfOptions } from '../../src/service/form-values.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';

const ofBox = (box: object) => valuesOfBox(loadTestConfig({ box }).config.box);

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

suite('the values of the form', (test) => {
  test('from the box section, for each sign-in', () => {
    const app = { client_id: 'id', client_secret: 'secret' };
    assert.equal(ofBox({ is_enterprise: 'box_enterprise', ...app, enterprise_id: 12, refresh_token: 'old' }), {
      is_enterprise: 'box_enterprise',
      ...app,
      enterprise_id: 12,
      concurrent_downloads: 15,
    });
    assert.equal(ofBox({ is_enterprise: 'box_free', ...app, refresh_token: 'token', concurrent_downloads: 3 }), {
      is_enterprise: 'box_free',
      ...app,
      refresh_token: 'token',
      concurrent_downloads: 3,
    });
    assert.equal(ofBox({ is_enterprise: 'box_enterprise', ...app, enterprise_id: 12, jwt_config: '{"a":1}' }), {
      is_enterprise: 'box_enterprise',
      concurrent_downloads: 15,
      auth_method: 'jwt',
      jwt_config: '{"a":1}',
    });
  });

  test('one user of an enterprise has no field', () => {
    assert.match(problemsOf(() => ofBox({ is_enterprise: 'box_enterprise', user_id: '7' })).join(), /"box.user_id"/);
  });

  test('from options, as the field has it', () => {
    assert.equal(
      valuesOfOptions(['client_id=a=b', 'enterprise_id=12', 'use_text_extraction_service=true', 'client_id=c']),
      { client_id: 'c', enterprise_id: 12, use_text_extraction_service: true },
    );
  });

  test('every wrong option is named, and no secret is taken or shown', () => {
    const problems = problemsOf(() =>
      valuesOfOptions([
        ...['clientid=x', 'client_secret=geheim', 'client_id', 'client_id=', 'enterprise_id=12x'],
        ...['use_text_extraction_service=yes', '__proto__=x', 'constructor=x'],
      ]),
    );
    assert.is(problems.length, 8);
    assert.match(problems[0] ?? '', /unknown field, .* did you mean "client_id"\?/);
    assert.match(problems[1] ?? '', /expected "box.client_secret" in the configuration/);
    assert.not.match(problems.join(), /geheim/);
    assert.match(problems[4] ?? '', /"12x", expected a whole number/);
    assert.match(problems[5] ?? '', /"yes", expected true or false/);
  });
});
