# What a person types. CMake does the building (CMakePresets.json), tools/deps the installing.

SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: deps build up down test test-sanitized bench bench-queue check chaos soak clean

PRESET ?= release
BUILD := $(if $(filter release,$(PRESET)),build,build/$(PRESET))
SINGULARITY := $(BUILD)/bin/singularity
# The tree that `make up` learns from.
LEARN ?= .

deps:
	@tools/deps

build: deps
	@[ -e $(BUILD)/build.ninja ] || cmake --preset $(PRESET) >/dev/null
	@cmake --build $(BUILD)

# A running backbone that has learned a code base.
up: build
	@$(SINGULARITY) up --detach
	@$(SINGULARITY) learn $(LEARN)
	@$(SINGULARITY) status

down:
	@$(SINGULARITY) down

# Everything that can be checked on one machine. TESTS=regex runs some of it.
test: build
	@test/with_cluster ctest --test-dir $(BUILD) --output-on-failure --no-tests=error -j2 $(if $(TESTS),-R '$(TESTS)')

# What runs inside the server, built for the address and undefined-behaviour sanitizers, under all its tests; their
# reports fail it. TESTS=regex runs some.
test-sanitized: SANITIZED := $(abspath build/asan-ubsan)
test-sanitized: deps
	@[ -e $(SANITIZED)/build.ninja ] || cmake --preset asan-ubsan >/dev/null
	@cmake --build $(SANITIZED) --target server_side
	@SINGULARITY_EXTENSIONS=$(SANITIZED)/extensions test/sanitized test/with_cluster \
	    ctest --test-dir $(SANITIZED) --output-on-failure --no-tests=error -j2 \
	    -R '$(or $(TESTS),^(pgbackend_|sg_|queue_clients))'

# Ratios, each measured in one run. BENCH=name runs one.
bench: build
	@bench/run $(BUILD) $(BENCH)

# The queues against bare tables, some ten minutes. SECONDS=n a measurement, HOLD=n of a held snapshot,
# SCRIPTS='send wake_up' runs some; TMPDIR=folder puts the data there.
bench-queue: build
	@SINGULARITY_BUILD=$(abspath $(BUILD)) SINGULARITY_EXTENSIONS=$(abspath $(BUILD))/extensions \
	    test/with_cluster bench/queue/run --seconds $(or $(SECONDS),3) --hold $(or $(HOLD),60) $(SCRIPTS)

# How the code reads: formatting, clang-tidy, who may include whom.
check: build
	@tools/check $(BUILD)

# Half an hour of kill -9 at random moments while trees are learned, 100,000 questions through a shared queue that
# nothing spares, and 1,000 jobs under 200 kills; MINUTES=n, REQUESTS=n and ROUNDS=n (of four kills) for other numbers.
chaos: build
	@test/chaos/run --minutes $(or $(MINUTES),30)
	@test/pipeline/run --requests $(or $(REQUESTS),100000) --rate 1000
	@test/genesis/kills --rounds $(or $(ROUNDS),50) --jobs 1000

# An hour of random operations against a model of a queue, a hundred kills of its server, and every attack on the
# sandbox, the slow ones too.
soak: build
	@test/with_cluster env SECONDS=$(or $(SECONDS),3600) $(BUILD)/tests/engine_model
	@test/with_cluster env COUNT=$(or $(COUNT),100) $(BUILD)/tests/engine_crash
	@$(BUILD)/tests/sandbox_attacks_test --gtest_brief=1

clean:
	@rm -rf build
