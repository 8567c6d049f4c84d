# Tasks of the project. `make test` is everything that must hold; it fetches what it needs.

# Debian packages of the tests, with the program that tells whether each is there.
PACKAGES = chromium:chromium nodejs:node npm:npm netcat-openbsd:nc socat:socat valgrind:valgrind
NPM      = npm --prefix frontend
AWP_BIN  = $(CURDIR)/target/debug/awp
# Set by `make test` for what it runs; without it a warning stays a warning.
FATAL    = -D warnings

.DEFAULT_GOAL := help
.PHONY: help run fmt test packages modules format clippy rust docs page-check page-test browser-test pieces

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build it and serve your shell
	cargo run --release

fmt: ## format Rust and TypeScript
	cargo fmt --all
	if [ -d frontend/node_modules/@biomejs ]; then cd frontend && npx --no-install biome check --write .; fi

# One after the other, cheapest first: a run ends at the first failure, and its last lines say why.
test: ## everything: format, lints, tests, docs, page, browser
	$(MAKE) --no-print-directory format
	$(MAKE) --no-print-directory packages
	$(MAKE) --no-print-directory page-check
	$(MAKE) --no-print-directory page-test
	$(MAKE) --no-print-directory clippy
	$(MAKE) --no-print-directory rust
	$(MAKE) --no-print-directory docs
	$(MAKE) --no-print-directory pieces
	$(MAKE) --no-print-directory browser-test
	@echo 'make test: everything passed'

format: ## is Rust formatted?
	cargo fmt --all --check

clippy: ## lints, with and without the page
	cargo clippy --locked --workspace --all-targets -- $(FATAL)
	cargo clippy --locked --all-targets --no-default-features -- $(FATAL)

rust: ## Rust tests
	cargo test --locked

docs: ## documentation, warnings fatal
	RUSTDOCFLAGS='$(FATAL)' cargo doc --locked --no-deps --document-private-items

pieces: ## instructions of the inner pieces, against bench/baseline.json
	cargo build --locked --profile measure -p awp-bench
	target/measure/awp-bench pieces

packages: ## install missing Debian packages
	@missing=''; \
	for entry in $(PACKAGES); do \
	  command -v "$${entry#*:}" >/dev/null || missing="$$missing $${entry%%:*}"; \
	done; \
	if [ -n "$$missing" ]; then \
	  sudo=''; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
	  $$sudo apt-get update && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing; \
	fi

modules: frontend/node_modules/.installed ## install the page's modules

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json
	$(NPM) ci --no-audit --no-fund
	mkdir -p $(@D) && touch $@

page-check: modules ## types and lints of the page
	$(NPM) run check

page-test: modules ## unit tests of the page
	$(NPM) test

browser-test: modules ## the built binary in a real browser
	cargo build --locked
	AWP_BIN='$(AWP_BIN)' $(NPM) run test:browser
