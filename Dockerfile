# Debian 13, whose tools fit as they are. wasm-build/check-clean-root.sh does the same where there is no docker.
FROM debian:trixie-slim

# The tools of the build and of the tests, whose list is in tools.mjs.
COPY wasm-build/tools.mjs wasm-build/run-tool.mjs wasm-build/terminal.mjs /tmp/tools/
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates nodejs npm \
    && node /tmp/tools/tools.mjs \
    && rm -rf /var/lib/apt/lists/* /tmp/tools

RUN useradd --create-home sphere && install -d -o sphere -g sphere /sphere-iot
USER sphere
WORKDIR /sphere-iot

COPY --chown=sphere:sphere package.json package-lock.json .npmrc ./
RUN npm ci --loglevel=error && rm -rf ~/.npm

# What is built, before what is only read: a new README builds nothing again.
COPY --chown=sphere:sphere CMakeLists.txt tsconfig.json tsconfig.esm.json ./
COPY --chown=sphere:sphere native native
COPY --chown=sphere:sphere wasm-build wasm-build
COPY --chown=sphere:sphere src src
RUN npm run setup

COPY --chown=sphere:sphere . .
CMD ["npm", "run", "demo"]
