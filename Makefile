# Every command a person needs; `make` alone lists them. What is built lies outside the checkout, so that a
# fresh clone starts warm; the scripts in .ci/ install what is missing.

CARGO_TARGET_DIR ?= $(HOME)/.cache/coffer/target
COFFER_TOOLS ?= $(HOME)/.cache/coffer/tools
export CARGO_TARGET_DIR COFFER_TOOLS

# The binary, the browser half (site/) and the list of its hashed file names (hash.txt) lie side by side.
DEBUG := $(CARGO_TARGET_DIR)/debug
RELEASE := $(CARGO_TARGET_DIR)/release
# cargo-leptos writes the browser half here, the server serves it from here.
export LEPTOS_SITE_ROOT = $(DEBUG)/site
export COFFER_BIN = $(DEBUG)/coffer

TOOLS := . "$(COFFER_TOOLS)/env.sh" &&
NEXTEST_PROFILE := $(if $(CI),ci,default)
# Tests wait for daemons, disks and databases: more at once than there are cores keep these busy.
TEST_THREADS := $(shell echo $$((3 * $$(getconf _NPROCESSORS_ONLN))))
BROWSER := --package app --no-default-features --features hydrate --target wasm32-unknown-unknown \
	--profile wasm-dev --target-dir "$(CARGO_TARGET_DIR)/front"

.DEFAULT_GOAL := help
.PHONY: help demo dev build release size test bench screenshots check lint fmt clean toolchain test-tools

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: build ## build, and serve a demo: throw-away SQLite, simulated coin network, a user
	@"$(COFFER_BIN)" demo

dev: build ## serve with config/dev.yaml; rebuild, restart and reload on every change
	@[ -e coffer-dev.sqlite ] || \
		echo development | "$(COFFER_BIN)" --config config/dev.yaml user add dev --role admin
	@echo "sign in as dev with password development"
	@$(TOOLS) cargo leptos watch -- --config config/dev.yaml serve

build: toolchain ## build server and browser half for development
	@mkdir -p "$(DEBUG)"
	@$(TOOLS) .ci/timed "browser half" cargo leptos build --frontend-only --cargo-locked
	@$(TOOLS) .ci/timed "server" cargo build --workspace --bins --locked

release: export LEPTOS_SITE_ROOT = $(RELEASE)/site
release: ## build both optimised, the browser half compressed too, and print where they are
	@.ci/setup-toolchain --release
	@mkdir -p "$(RELEASE)"
	@$(TOOLS) cargo leptos build --release --precompress --cargo-locked
	@echo "coffer, hash.txt and site/ are in $(RELEASE)"

size: export LEPTOS_SITE_ROOT = $(RELEASE)/site
size: ## build the browser half optimised, say how large it is, fail above the ceiling
	@.ci/setup-toolchain --release
	@mkdir -p "$(RELEASE)"
	@$(TOOLS) .ci/timed "browser half, optimised" \
		cargo leptos build --release --frontend-only --precompress --cargo-locked
	@.ci/size "$(RELEASE)"

test: test-tools build ## install what tests need, build, run all tests, in Chromium too
	@$(MAKE) --no-print-directory size
	@$(TOOLS) .ci/timed "building tests" cargo nextest run --workspace --locked --no-run
	@$(TOOLS) .ci/timed "tests in Rust" .ci/with-postgres \
		cargo nextest run --workspace --locked --profile $(NEXTEST_PROFILE) --test-threads $(TEST_THREADS)
	@cd end2end && ../.ci/timed "tests in Chromium" \
		npx playwright test --project with-javascript --project without-javascript

bench: test-tools build ## how long each page takes with 100,000 transactions, on both databases; fails above 50 ms
	@$(TOOLS) .ci/with-postgres cargo nextest run --workspace --locked --run-ignored only --no-capture \
		--test-threads 1 -E 'test(speed::bench)'

screenshots: test-tools build ## a picture of every page: 1440, 768 and 390 px, light and dark, in screenshots/
	@cd end2end && npx playwright test --project screenshots

check: lint test ## all that a change must pass: fmt, clippy, tests

lint: toolchain ## fmt and clippy, for the server and for the browser
	@$(TOOLS) cargo fmt --all --check
	@$(TOOLS) cargo clippy --workspace --all-targets --locked -- -D warnings
	@$(TOOLS) cargo clippy $(BROWSER) --locked -- -D warnings

fmt: toolchain ## format the code
	@$(TOOLS) cargo fmt --all

clean: ## remove all that was built (the tools stay)
	rm -rf "$(CARGO_TARGET_DIR)" end2end/node_modules end2end/test-results screenshots

toolchain: # Rust for server and browser, cargo-leptos
	@.ci/timed "toolchain" .ci/setup-toolchain

test-tools: toolchain # PostgreSQL, litecoind, Chromium, Playwright
	@.ci/timed "test tools" .ci/setup-tests
