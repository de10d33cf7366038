# The provider as a server of its own (docs/hosts.md). It needs a server with a certificate in front of it.

FROM node:24-alpine AS build
WORKDIR /project
# .dockerignore lists what is copied. Secrets are not: they come as variables when the container starts.
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund
RUN node scripts/build.ts --host node

FROM node:24-alpine
WORKDIR /provider
COPY --from=build /project/dist/node/server.mjs .
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8888
# By number, because Kubernetes cannot know that a name is not root. The image calls this user `node`.
USER 1000:1000
EXPOSE 8888
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server.mjs"]
