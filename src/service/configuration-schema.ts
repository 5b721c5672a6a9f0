/** One field of the connector's configuration, as Kibana draws it. */
export interface ConfigurationField {
  readonly default_value: string | number | boolean | null;
  readonly depends_on: readonly { readonly field: string; readonly value: string | boolean }[];
  readonly display: 'text' | 'textarea' | 'numeric' | 'toggle' | 'dropdown';
  readonly label: string;
  readonly options: readonly { readonly label: string; readonly value: string }[];
  readonly order: number;
  readonly required: boolean;
  readonly sensitive: boolean;
  readonly tooltip: string | null;
  readonly type: 'str' | 'int' | 'bool';
  readonly ui_restrictions: readonly string[];
  readonly validations: readonly { readonly type: string; readonly constraint: number }[];
  readonly value: string | number | boolean;
}

const enterprise = { field: 'is_enterprise', value: 'box_enterprise' } as const;

/**
 * The fields of the Box connector. The first six are those of Elastic's connector, property by property; the others are
 * ours. Each of ours has a default with which a connector that lacks it goes on as before.
 *
 * What a connector says here wins over config.yml, for that connector.
 */
export const configurationSchema = {
  is_enterprise: field({
    display: 'dropdown',
    label: 'Box Account',
    options: [
      { label: 'Box Free Account', value: 'box_free' },
      { label: 'Box Enterprise Account', value: 'box_enterprise' },
    ],
    order: 1,
    value: 'box_free',
  }),
  client_id: field({ label: 'Client ID', order: 2 }),
  client_secret: field({ label: 'Client Secret', order: 3, sensitive: true }),
  refresh_token: field({
    depends_on: [{ field: 'is_enterprise', value: 'box_free' }],
    label: 'Refresh Token',
    order: 4,
    sensitive: true,
  }),
  enterprise_id: field({
    depends_on: [enterprise],
    label: 'Enterprise ID',
    order: 5,
    type: 'int',
  }),
  concurrent_downloads: field({
    default_value: 15,
    display: 'numeric',
    label: 'Maximum concurrent downloads',
    order: 6,
    required: false,
    type: 'int',
    ui_restrictions: ['advanced'],
    validations: [{ type: 'less_than', constraint: 16 }],
  }),
  auth_method: field({
    default_value: 'client_credentials',
    depends_on: [enterprise],
    display: 'dropdown',
    label: 'Authentication Method',
    options: [
      { label: 'Client credentials', value: 'client_credentials' },
      { label: 'JWT', value: 'jwt' },
    ],
    order: 7,
    required: false,
    tooltip:
      'As the application is set up in the Box developer console: "Server Authentication (Client Credentials Grant)" or "Server Authentication (with JWT)".',
    value: 'client_credentials',
  }),
  jwt_config: field({
    depends_on: [enterprise, { field: 'auth_method', value: 'jwt' }],
    display: 'textarea',
    label: 'JWT Configuration',
    order: 8,
    sensitive: true,
    tooltip:
      'The whole content of the config.json that the Box developer console hands out. Client ID, client secret and enterprise ID above must be the ones in it.',
  }),
  use_text_extraction_service: field({
    default_value: false,
    display: 'toggle',
    label: 'Use text extraction service',
    order: 9,
    required: false,
    tooltip:
      "Has the text of files taken by Elastic's data extraction service, at the address that config.yml names as extraction_service.host. Wins over extraction.method of config.yml.",
    type: 'bool',
    ui_restrictions: ['advanced'],
    value: false,
  }),
  extraction_method: field({
    default_value: 'config_file',
    depends_on: [{ field: 'use_text_extraction_service', value: false }],
    display: 'dropdown',
    label: 'Text extraction',
    options: [
      { label: 'As config.yml says', value: 'config_file' },
      { label: 'Ingest pipeline of the index', value: 'ingest_attachment' },
      { label: 'Apache Tika', value: 'tika' },
      { label: 'None', value: 'none' },
    ],
    order: 10,
    required: false,
    tooltip:
      'What takes the text out of files. Wins over extraction.method of config.yml; the address of Tika is tika.url there. The ingest pipeline takes text only if it is set to extract content.',
    ui_restrictions: ['advanced'],
    value: 'config_file',
  }),
  use_document_level_security: field({
    default_value: false,
    display: 'toggle',
    label: 'Enable document level security',
    order: 11,
    required: false,
    tooltip: 'Permissions of Box are not synced by this version: a connector with this on does not sync.',
    type: 'bool',
    value: false,
  }),
} as const satisfies Readonly<Record<string, ConfigurationField>>;

export type ConfigurationKey = keyof typeof configurationSchema;

/** What is not said is as Elastic's connectors have it. */
function field(own: Partial<ConfigurationField>): ConfigurationField {
  return {
    default_value: null,
    depends_on: [],
    display: 'text',
    label: '',
    options: [],
    order: 1,
    required: true,
    sensitive: false,
    tooltip: null,
    type: 'str',
    ui_restrictions: [],
    validations: [],
    value: '',
    ...own,
  };
}
