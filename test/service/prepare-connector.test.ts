import * as assert from 'uvu/assert';
import { configurationSchema } from '../../src/service/configuration-schema.js';
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

  test("is that of Elastic's connector, property by property", () => {
    assert.equal(configurationSchema, {
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
});
