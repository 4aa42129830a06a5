# syntax=docker/dockerfile:1
# Rollcall's server and its commands, for one node or for many: docs/operations.md.

FROM node:26.10.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/domain/package.json packages/domain/
COPY packages/protocol/package.json packages/protocol/
COPY packages/server/package.json packages/server/
# Of all workspaces only those the server consists of, and of their dependencies only those it runs with. Install scripts would
# fetch a Node (the image is one) and compile the client (which is not here).
RUN npm pkg set 'workspaces=["packages/*"]' --json && npm ci --omit=dev --ignore-scripts --no-audit --no-fund && mkdir -p node_modules/.cache && chown 1000 node_modules/.cache
COPY packages/domain packages/domain
COPY packages/protocol packages/protocol
COPY packages/server packages/server
# A cache of compiled code, so that a first start is as quick as any other. It is kept for each user of the system apart.
USER 1000
RUN node --min-semi-space-size=8 --v8-pool-size=1 --conditions=source packages/server/src/warm-up.js

FROM node:26.10.0-slim
ENV NODE_ENV=production
ENV ROLLCALL_HOST=0.0.0.0
ENV ROLLCALL_DATABASE=sqlite:/data/rollcall.db
WORKDIR /app
COPY --from=build /app ./
RUN mkdir -p /data && chown 1000 /data
VOLUME /data
# The user "node" of the image. All code belongs to root, and is not writable.
USER 1000
EXPOSE 8800
STOPSIGNAL SIGTERM
# Whether the process lives. Whether it can serve is told by /ready: for load balancers, since a restart does not bring back a database.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.ROLLCALL_PORT || 8800) + '/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--min-semi-space-size=8", "--v8-pool-size=1", "--conditions=source", "packages/server/src/main.js"]
