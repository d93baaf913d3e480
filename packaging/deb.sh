#!/bin/sh
# Builds the Debian package: sh packaging/deb.sh (needs cargo-deb: cargo install cargo-deb)
set -eu
cd "$(dirname "$0")/.."
cargo build --locked --release
mkdir -p target/package
target/release/copydesk man > target/package/copydesk.1
target/release/copydesk completions bash > target/package/copydesk.bash
target/release/copydesk completions zsh > target/package/_copydesk
target/release/copydesk completions fish > target/package/copydesk.fish
cargo deb --no-build
