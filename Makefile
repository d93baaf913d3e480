# Recipes; each is a plain cargo line. `make help` lists them.
.PHONY: help check fmt lint test doc deny browser fixture bless demo

help: ## List the recipes
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

check: fmt lint test doc deny ## What CI runs

fmt: ## Is the code formatted?
	cargo fmt --check

lint: ## Lints, warnings are errors
	cargo clippy --all-targets -- -D warnings

test: ## All tests
	cargo test

doc: ## The documentation builds
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

deny: ## Licences, sources, advisories; skipped without cargo-deny
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check; else echo "skipped: cargo-deny is not installed"; fi

browser: ## The inspect page in a browser; skipped without chromium or npm
	cargo build --release
	tests/browser/run.sh

fixture: ## A new fixture: make fixture SLUG=my-page
	@test -n "$(SLUG)" || { echo "usage: make fixture SLUG=my-page"; exit 2; }
	@mkdir -p fixtures/$(SLUG)
	@touch fixtures/$(SLUG)/page.html
	@printf 'url = "https://paper.example/story"\ncontent_type = "text/html; charset=utf-8"\nlanguage = "en"\norigin = "written for copydesk"\nlicence = "MIT OR Apache-2.0"\ntests = ""\n' > fixtures/$(SLUG)/meta.toml
	@echo "write fixtures/$(SLUG)/page.html, meta.toml and expected.json"

bless: ## Rewrite expectations: make bless FIXTURE=slug, or FIXTURE=all
	@test -n "$(FIXTURE)" || { echo "usage: make bless FIXTURE=slug"; exit 2; }
	COPYDESK_BLESS=$(FIXTURE) cargo test --test fixtures

demo: ## Crawl the newspaper that is compiled in
	cargo run --release -- demo
