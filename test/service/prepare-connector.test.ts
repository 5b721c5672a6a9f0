import * as assert from 'uvu/assert';
import { type ConfigurationField, configurationSchema } from '../../src/service/configuration-schema.js';
import { features, prepareConnector } from '../../src/service/prepare-connector.js';
import { suite } from '../support/suite.js';

const filled = () => structuredClone(configurationSchema) as unknown as Record<string, Record<string, unknown>>;
const whole = { serviceType: 'box', configuration: filled(), features, status: 'connected' };

suite('prepareConnector', (test) => {
  test('writes type, schema, features and status of a connector that has just been created', () => {
    const created = { serviceType: null, configuration: {}, features: {}, status: 'created' };
    assert.equal(prepareConnector(created, 'box'), {
      service_type: 'box',
      configuration: configurationSchema,
      status: 'needs_configuration',
      features,
    });
  });

  test('writes nothing to a connector that has everything, whatever else it has', () => {
    assert.is(prepareConnector(whole, 'box'), null);
    const more = { ...whole.configuration, app_key: { value: 'kept' } };
    assert.is(prepareConnector({ ...whole, configuration: more }, 'box'), null);
    assert.is(prepareConnector({ ...whole, features: { ...features, more: { enabled: true } } }, 'box'), null);
  });

  test('adds missing fields and properties, and leaves values and what others have written', () => {
    const { concurrent_downloads: gone, ...rest } = filled();
    assert.ok(gone);
    const properties = Object.entries(rest['client_secret'] ?? {});
    const kept = properties.filter(([name]) => name !== 'tooltip' && name !== 'ui_restrictions');
    const secret = { ...Object.fromEntries(kept), value: 'secret', label: 'Geheimnis' };
    const configuration = { ...rest, client_secret: secret };
    assert.equal(prepareConnector({ ...whole, configuration }, 'box'), {
      configuration: {
        client_secret: { tooltip: null, ui_restrictions: [] },
        concurrent_downloads: configurationSchema.concurrent_downloads,
      },
    });
  });

  test("adds our fields to a connector that Elastic's service has filled, and keeps what else is in it", () => {
    const elastic = Object.fromEntries(Object.entries(filled()).slice(0, 6));
    const old = {
      ...elastic,
      client_id: { ...elastic['client_id'], value: 'kept' },
      path: { label: 'Path', value: '/' },
    };
    const changes = prepareConnector({ ...whole, configuration: old }, 'box');
    const { auth_method, jwt_config, use_text_extraction_service, extraction_method, use_document_level_security } =
      configurationSchema;
    assert.equal(changes, {
      configuration: {
        auth_method,
        jwt_config,
        use_text_extraction_service,
        extraction_method,
        use_document_level_security,
      },
    });
  });

  test('says again what it can do if the document says something else', () => {
    const other = { ...features, document_level_security: { enabled: true } };
    assert.equal(prepareConnector({ ...whole, features: other }, 'box'), { features });
  });
});

suite('the configuration schema', (test) => {
  const plain = {
    default_value: null,
    depends_on: [],
    display: 'text',
    options: [],
    required: true,
    sensitive: false,
    tooltip: null,
    type: 'str',
    ui_restrictions: [],
    validations: [],
    value: '',
  };

  test("begins with that of Elastic's connector, property by property", () => {
    const { is_enterprise, client_id, client_secret, refresh_token, enterprise_id, concurrent_downloads } =
      configurationSchema;
    const first = { is_enterprise, client_id, client_secret, refresh_token, enterprise_id, concurrent_downloads };
    assert.equal(Object.keys(configurationSchema).slice(0, 6), Object.keys(first));
    assert.equal(first, {
      is_enterprise: {
        ...plain,
        label: 'Box Account',
        order: 1,
        display: 'dropdown',
        options: [
          { label: 'Box Free Account', value: 'box_free' },
          { label: 'Box Enterprise Account', value: 'box_enterprise' },
        ],
        value: 'box_free',
      },
      client_id: { ...plain, label: 'Client ID', order: 2 },
      client_secret: { ...plain, label: 'Client Secret', order: 3, sensitive: true },
      refresh_token: {
        ...plain,
        label: 'Refresh Token',
        order: 4,
        sensitive: true,
        depends_on: [{ field: 'is_enterprise', value: 'box_free' }],
      },
      enterprise_id: {
        ...plain,
        label: 'Enterprise ID',
        order: 5,
        type: 'int',
        depends_on: [{ field: 'is_enterprise', value: 'box_enterprise' }],
      },
      concurrent_downloads: {
        ...plain,
        label: 'Maximum concurrent downloads',
        order: 6,
        type: 'int',
        display: 'numeric',
        required: false,
        default_value: 15,
        ui_restrictions: ['advanced'],
        validations: [{ type: 'less_than', constraint: 16 }],
      },
    });
  });

  test('has fields of our own after them: a default for each, and what is missing means that', () => {
    const own = Object.entries<ConfigurationField>(configurationSchema).slice(6);
    assert.equal(
      own.map(([key, { order, display, type, value }]) => [key, order, display, type, value]),
      [
        ['auth_method', 7, 'dropdown', 'str', 'client_credentials'],
        ['jwt_config', 8, 'textarea', 'str', ''],
        ['use_text_extraction_service', 9, 'toggle', 'bool', false],
        ['extraction_method', 10, 'dropdown', 'str', 'config_file'],
        ['use_document_level_security', 11, 'toggle', 'bool', false],
      ],
    );
    for (const [key, field] of own) {
      assert.ok(field.tooltip !== null && field.label !== '', key);
      // Required only where somebody has chosen it.
      assert.is(field.required, key === 'jwt_config');
      if (!field.required) assert.is(field.default_value, field.value, key);
    }
    assert.equal(configurationSchema.jwt_config.depends_on, [
      { field: 'is_enterprise', value: 'box_enterprise' },
      { field: 'auth_method', value: 'jwt' },
    ]);
    assert.is(configurationSchema.jwt_config.sensitive, true);
  });

  test('is one that Elasticsearch can read: known displays and types, and every field named in depends_on exists', () => {
    for (const [key, field] of Object.entries<ConfigurationField>(configurationSchema)) {
      assert.ok(['text', 'textarea', 'numeric', 'toggle', 'dropdown'].includes(field.display), key);
      for (const { field: other } of field.depends_on) assert.ok(other in configurationSchema, `${key}: ${other}`);
      assert.is(field.display === 'dropdown', field.options.length > 0, key);
      assert.is(field.display === 'toggle', field.type === 'bool', key);
      if (field.display === 'dropdown') {
        assert.ok(
          field.options.some(({ value }) => value === field.value),
          key,
        );
      }
    }
  });
});
