# docker build -t copydesk .
# docker run --rm -v news:/srv/news -v "$PWD/pipeline.toml:/srv/news/pipeline.toml:ro" copydesk crawl --no-progress
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --release --bin copydesk

FROM debian:bookworm-slim
# rustls asks the platform for its certificates.
RUN apt-get update && apt-get install --no-install-recommends -y ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/news copydesk && install -d -o copydesk -g copydesk /srv/news
COPY --from=build /src/target/release/copydesk /usr/local/bin/copydesk
USER copydesk
WORKDIR /srv/news
VOLUME /srv/news
ENTRYPOINT ["copydesk"]
CMD ["--help"]
