# awp from this tree, page included: docker build -t awp . && docker run --init -p 127.0.0.1:7681:7681 awp
FROM rust:1-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl gnupg \
 && curl -fsSL https://deb.nodesource.com/gpgkey/nodesource-repo.gpg.key | gpg --dearmor -o /usr/share/keyrings/node.gpg \
 && echo 'deb [signed-by=/usr/share/keyrings/node.gpg] https://deb.nodesource.com/node_20.x nodistro main' > /etc/apt/sources.list.d/node.list \
 && apt-get update && apt-get install -y --no-install-recommends nodejs
WORKDIR /build
COPY . .
RUN cargo build --locked --release --bin awp

FROM debian:bookworm-slim
RUN useradd --create-home --shell /bin/bash awp
COPY --from=build /build/target/release/awp /usr/bin/awp
USER awp
WORKDIR /home/awp
ENV SHELL=/bin/bash
EXPOSE 7681
STOPSIGNAL SIGTERM
# Inside a container every address is the container's own; what is published decides who reaches it.
# Put a proxy with TLS in front of anything but this machine.
ENTRYPOINT ["awp"]
CMD ["serve", "--listen", "0.0.0.0:7681", "--insecure-http"]
