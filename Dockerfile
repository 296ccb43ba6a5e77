# syntax=docker/dockerfile:1
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p relevo \
    && install -D target/release/relevo /out/relevo

FROM debian:bookworm-slim
# curl is for the health check; time zones come with the binary.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin relevo \
    && install -d -o relevo -g relevo /data
COPY --from=build /out/relevo /usr/local/bin/relevo
COPY LICENSE docs/third-party.md /usr/share/doc/relevo/
USER relevo
# Everything that is written lies here; the rest may be read-only.
VOLUME /data
WORKDIR /data
ENV RELEVO_LISTEN=0.0.0.0:8080 RELEVO_DATA_DIR=/data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["relevo"]
CMD ["all"]
