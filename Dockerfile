# The command alone in an empty image. Any Debian 13 (or 12) does as a base, also one straight from debootstrap.
ARG BASE=debian:13-slim

FROM ${BASE} AS build
WORKDIR /felix
COPY scripts/deps scripts/deps
RUN scripts/deps
COPY . .
RUN scripts/build release && mkdir -p /image/var/lib/felix && cp build/release/bin/felix /image/felix

FROM scratch
COPY --from=build /image/felix /felix
# Docker copies a folder's owner into the volume it makes of it.
COPY --from=build --chown=65532:65532 /image/var/lib/felix /var/lib/felix
USER 65532:65532
VOLUME /var/lib/felix
WORKDIR /var/lib/felix
# QUIC for clients; HTTP for health, metrics and administration.
EXPOSE 5000/udp 8080/tcp
ENTRYPOINT ["/felix"]
