#!/bin/sh
# Builds the Debian package: sh packaging/deb.sh (needs cargo-deb: cargo install cargo-deb)
set -eu
cd "$(dirname "$0")/.."
cargo build --locked --release
copydesk="${CARGO_TARGET_DIR:-target}/release/copydesk"
mkdir -p target/package
"$copydesk" man > target/package/copydesk.1
"$copydesk" completions bash > target/package/copydesk.bash
"$copydesk" completions zsh > target/package/_copydesk
"$copydesk" completions fish > target/package/copydesk.fish
cargo deb --no-build
