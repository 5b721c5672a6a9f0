/** One field of the connector's configuration, as Kibana draws it. */
export interface ConfigurationField {
  readonly default_value: string | number | boolean | null;
  readonly depends_on: readonly { readonly field: string; readonly value: string }[];
  readonly display: string;
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

/** The fields of the Box connector: those of Elastic's connector, under the same keys and in the same order. */
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
    depends_on: [{ field: 'is_enterprise', value: 'box_enterprise' }],
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
