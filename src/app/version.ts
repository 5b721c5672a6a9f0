declare const CONNECTOR_VERSION: string | undefined;

/** Version of the package: put in by the build; `development` when run from the sources. */
export const version: string = typeof CONNECTOR_VERSION === 'string' ? CONNECTOR_VERSION : 'development';
