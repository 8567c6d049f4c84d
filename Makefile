# Tasks of the project. `make test` is everything that must hold; it fetches what it needs.

# Debian packages of the tests, with the program that tells whether each is there.
PACKAGES = chromium:chromium nodejs:node npm:npm netcat-openbsd:nc socat:socat valgrind:valgrind \
           openssl:openssl python3-venv:python3 websocketd:websocketd \
           vim:vim fish:fish zsh:zsh tmux:tmux strace:strace gnucobol:cobc gcc:cc perl:perl \
           nginx-light:nginx caddy:caddy systemd:systemd-analyze faketime:faketime pebble:pebble
NPM      = npm --prefix frontend
AWP_BIN  = $(CURDIR)/target/debug/awp
# Set by `make test` for what it runs; without it a warning stays a warning.
FATAL    = -D warnings

.DEFAULT_GOAL := help
.PHONY: help run fmt test packages modules format clippy rust acme-test oidc-test docs musl soak page-check page-test browser-test pieces \
        counts bench client-modules client-test fuzz autobahn groups deny deb

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
	$(MAKE) --no-print-directory acme-test
	$(MAKE) --no-print-directory oidc-test
	$(MAKE) --no-print-directory docs
	$(MAKE) --no-print-directory pieces
	$(MAKE) --no-print-directory counts
	$(MAKE) --no-print-directory browser-test
	$(MAKE) --no-print-directory client-test
	@echo 'make test: everything passed'

format: ## is Rust formatted?
	cargo fmt --all --check

clippy: ## lints, with everything and with nothing
	cargo clippy --locked --workspace --all-targets --all-features -- $(FATAL)
	cargo clippy --locked --all-targets --no-default-features -- $(FATAL)

rust: ## Rust tests
	cargo test --locked

OIDC = $(CURDIR)/target/oidc

$(OIDC)/.installed: tests/oidc/requirements.txt
	python3 -m venv $(OIDC)
	$(OIDC)/bin/pip install --quiet --requirement tests/oidc/requirements.txt
	touch $@

oidc-test: packages $(OIDC)/.installed ## logins by OpenID Connect, with a provider of its own
	OIDC_PYTHON=$(OIDC)/bin/python cargo test --locked --features $(FEATURES) --test oidc
	cargo test --locked --features $(FEATURES) --lib --bin awp -- oidc

# What is behind a feature is tested in one build with all of them.
FEATURES = acme,oidc

acme-test: packages ## certificates by ACME, with an authority of its own
	cargo test --locked --features $(FEATURES) --test acme
	cargo test --locked --features $(FEATURES) --lib --bin awp -- acme

docs: ## documentation, warnings fatal
	RUSTDOCFLAGS='$(FATAL)' cargo doc --locked --no-deps --all-features --document-private-items

pieces: ## instructions of the inner pieces, against bench/baseline.json
	cargo build --locked --profile measure -p awp-bench -p awp-server --no-default-features
	target/measure/awp-bench pieces

counts: ## what the server does and holds, against bench/counts.json
	cargo build --locked --profile measure -p awp-bench -p awp-server --no-default-features
	target/measure/awp-bench counts

# QUICK=1: a rough look in a minute. DOCS=1: put table and picture into docs/ as well.
bench: ## the whole server beside its peers, 10 minutes
	cargo build --locked --release
	cargo build --locked --profile measure -p awp-bench
	target/measure/awp-bench load $(if $(QUICK),--quick) $(if $(DOCS),--docs docs)

musl: ## a static binary, where rustup has its target
	cargo build --locked --release --target x86_64-unknown-linux-musl

soak: ## faults and ends at full size
	AWP_SOAK=1 cargo test --locked --test faults --test ends -- --nocapture --test-threads=1

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

browser-test: modules $(OIDC)/.installed ## the built binary in a real browser
	cargo build --locked --features $(FEATURES)
	OIDC_PYTHON=$(OIDC)/bin/python AWP_BIN='$(AWP_BIN)' $(NPM) run test:browser

CLIENTS  = $(CURDIR)/target/clients
# Clients of the registries of Node, Python and Rust, in the versions of their lock files.
WEBSOCAT = 1.14.1

client-modules: $(CLIENTS)/.installed ## install other people's clients

$(CLIENTS)/.installed: tests/clients/package-lock.json tests/clients/requirements.txt
	mkdir -p $(CLIENTS)
	cp tests/clients/package.json tests/clients/package-lock.json $(CLIENTS)/
	cd $(CLIENTS) && npm ci --no-audit --no-fund --ignore-scripts
	python3 -m venv $(CLIENTS)/venv
	$(CLIENTS)/venv/bin/pip install --quiet --requirement tests/clients/requirements.txt
	cargo install websocat --version $(WEBSOCAT) --locked --root $(CLIENTS)
	touch $@

client-test: packages client-modules ## other people's clients against the built binary
	cargo build --locked
	CLIENTS='$(CLIENTS)' AWP_BIN='$(AWP_BIN)' $(CLIENTS)/venv/bin/python tests/clients/test_clients.py

# The suite is written for Python 2.7, which distributions no longer have; `make rust` stands for its
# cases without it (tests/autobahn.rs).
PYTHON2  = python2.7
AUTOBAHN = $(CURDIR)/target/autobahn

autobahn: ## the Autobahn suite against the echo example (needs PYTHON2 with pip)
	test -d $(AUTOBAHN) || $(PYTHON2) -m pip install --quiet --target $(AUTOBAHN) --requirement tests/autobahn/requirements.txt
	cargo build --locked --example ws_echo
	target/debug/examples/ws_echo --listen 127.0.0.1:9001 & \
	  trap "kill $$!" EXIT; $(PYTHON2) tests/autobahn/run.py $(AUTOBAHN) 127.0.0.1:9001

groups: ## limits of control groups, in a virtual machine (needs qemu-system-x86, busybox-static, cpio)
	cargo build --locked
	tests/groups/run.sh '$(AWP_BIN)' '$(CURDIR)/target/groups'

deny: ## licences, advisories and sources of all that is built in (needs cargo-deny)
	cargo deny --all-features --locked check

deb: ## a Debian package, by cargo-deb, with completions and manual page
	cargo build --locked --release --bin awp
	mkdir -p target/packaging
	target/release/awp man > target/packaging/awp.1
	target/release/awp completions bash > target/packaging/awp.bash
	target/release/awp completions zsh > target/packaging/_awp
	target/release/awp completions fish > target/packaging/awp.fish
	cargo deb --locked --no-build --no-strip

# How many inputs each decoder is given; `make test` gives it proptest's own number.
FUZZ_CASES = 2000000

fuzz: ## every parser that faces strangers on damaged input, for long
	PROPTEST_CASES=$(FUZZ_CASES) cargo test --locked --release --lib -- fuzz_tests
	PROPTEST_CASES=$$(($(FUZZ_CASES) / 10)) cargo test --locked --release --bin awp -- fuzz_tests
