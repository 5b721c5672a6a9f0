# The connector as a container image: make image
#
# It takes the command line of Elastic's image, so that the image is all that changes in a deployment:
#   docker run -v ~/connectors-config:/config -v box-connector-state:/data IMAGE /app/bin/elastic-ingest -c /config/config.yml
# Without a command it does the same. The other commands are those of the program:
#   docker run --rm -v ~/connectors-config:/config -v box-connector-state:/data IMAGE box-connector -c /config/config.yml check
#
# It runs as user 1000 and writes to /data only: --read-only --cap-drop ALL --security-opt no-new-privileges are fine.

ARG NODE_IMAGE=node:24.19.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY src src/
# Source maps are for those who have the sources.
RUN node scripts/build.mjs --program && find dist -name '*.map' -delete && chmod 755 dist/main.js

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="box-elasticsearch-connector" \
      org.opencontainers.image.description="Keeps an Elasticsearch index equal to what lives in Box" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY LICENSE ./
# It says that the program is made of ES modules.
COPY --from=build /build/package.json ./
COPY --from=build /build/dist dist/
# All that is not in the bundle: the SQLite binary of this platform, and what loads it.
COPY --from=build /build/node_modules/libsql node_modules/libsql/
COPY --from=build /build/node_modules/@libsql node_modules/@libsql/
COPY --from=build /build/node_modules/@neon-rs node_modules/@neon-rs/
COPY --from=build /build/node_modules/detect-libc node_modules/detect-libc/
# The default of state.path is ./data.
RUN mkdir bin /config /data \
    && ln -s ../dist/main.js bin/box-connector \
    && ln -s ../dist/main.js bin/elastic-ingest \
    && ln -s /data data \
    && chown 1000:1000 /data
ENV PATH="/app/bin:${PATH}"
# Catalogue, progress and rotated tokens: keep it.
VOLUME ["/data"]
USER 1000:1000
# Asks the endpoint of the service where one is configured (service.http.port); without one there is nothing to ask.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["sh", "-c", "if [ -e /config/config.yml ]; then box-connector -c /config/config.yml health; else box-connector health; fi || exit 1"]
# None, so that a whole command can be given, as Elastic's image has it.
ENTRYPOINT []
CMD ["/app/bin/elastic-ingest", "-c", "/config/config.yml"]
