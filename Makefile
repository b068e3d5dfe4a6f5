# limpet's only build file. `make help` prints the targets from the comments behind `##`.
#
# Two commands are meant for a bare clone: `make scan` and `make test`. Both install what is missing
# first (`make deps`); every other target works on what is there and never uses the network.
#
# Useful settings: CC, CFLAGS, LDFLAGS, BUILD (another directory for another compiler or other flags,
# as in `make CC=clang-19 BUILD=build-clang`), WERROR=1 (a warning stops the build), DIR (what
# `make scan` and the measurements read), TESTS (a part of the names that `make check` runs), JOBS, V=1 (print commands).

# ---- settings ----------------------------------------------------------------------------------

BUILD ?= build
DIR ?= .
PREFIX ?= /usr/local
TESTS ?=
V ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
CFLAGS ?= -O2 -g
CLANG_FORMAT ?= clang-format-19
# Tests are made for Debian's interpreter; another one on the PATH may lack its modules.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)

VERSION := $(shell sed -n 's/^ *"version": "\(.*\)",*$$/\1/p' package.json)

# Sources of tree-sitter: what npm installed, or what a release archive brings along.
VENDOR := $(firstword $(wildcard third_party) node_modules)
TS_LIB := $(VENDOR)/tree-sitter/vendor/tree-sitter/lib
TS_PYTHON := $(VENDOR)/tree-sitter-python/src
TS_TOML := $(VENDOR)/@tree-sitter-grammars/tree-sitter-toml/src

# Headers of libclang, the newest that is tested; without them limpet builds without C analysis.
CLANG_INCLUDE ?= $(firstword $(wildcard $(addsuffix /include,$(addprefix /usr/lib/llvm-,19 20 21 22 18 17))))

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wvla $(if $(filter 1,$(WERROR)),-Werror)
OUR_FLAGS = -std=c11 -D_GNU_SOURCE -DLIMPET_VERSION=\"$(VERSION)\" -Isrc -I$(TS_LIB)/include -isystem $(TS_LIB)/src \
            $(addprefix -isystem ,$(CLANG_INCLUDE)) \
            -pthread $(WARNINGS) $(CPPFLAGS) $(CFLAGS)
# The parser takes most of a scan's time, so its code has flags of its own; its warnings are not ours.
VENDOR_CFLAGS ?= -O3 -g1
# The scanner works in the memory that the parser is given.
VENDOR_FLAGS = -std=c11 -D_GNU_SOURCE -DTREE_SITTER_REUSE_ALLOCATOR -w $(VENDOR_CFLAGS)
LDLIBS := -lxxhash -lutf8proc -ljansson -lm -pthread

SOURCES := $(filter-out src/main.c,$(wildcard src/*/*.c))
RULES := $(wildcard rules/*/*.c)
HEADERS := $(wildcard src/*/*.h)
UNIT_TESTS := $(wildcard tests/unit/test_*.c)
# Programs that tests and measurements run: every other C file below tests/ that is not a fuzzer, and
# not the library that native.py builds.
DRIVERS := $(filter-out $(UNIT_TESTS) tests/fuzz/fuzz_% tests/bench/clang_times.c,$(wildcard tests/*/*.c))

OBJ := $(BUILD)/obj
LIBRARY := $(BUILD)/liblimpet.a
VENDOR_LIBRARY := $(BUILD)/third_party/libtree-sitter.a
LIBRARY_OBJECTS := $(SOURCES:%.c=$(OBJ)/%.o) $(RULES:%.c=$(OBJ)/%.o) $(if $(RULES),$(OBJ)/gen/rules.o) $(OBJ)/gen/assets.o $(OBJ)/gen/build.o
UNIT_PROGRAMS := $(UNIT_TESTS:tests/unit/%.c=$(BUILD)/tests/%)
DRIVER_PROGRAMS := $(addprefix $(BUILD)/tests/,$(basename $(notdir $(DRIVERS))))
HEADER_CHECKS := $(HEADERS:%=$(BUILD)/headers/%.ok)

# A recipe that calls make again runs jobs side by side, unless the user has already said how many.
PARALLEL = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))

# A short line for each step instead of its command; V=1 shows the commands.
run = $(if $(V),,@printf '  %-4s %s\n' $(1) '$(patsubst $(BUILD)/%,%,$(2))' &&)

# Tests and measurements are of what limpet does, not of what it remembers.
check bless bench bench-real bench-scale corpus torture: export LIMPET_NO_CACHE := 1

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.DEFAULT_GOAL := all
FORCE:
.PHONY: FORCE all deps scan test check programs headers fmt fmt-check asan tsan fuzz bless bench \
        bench-hook bench-real bench-scale corpus torture witness install uninstall dist deb clean help

# ---- targets -----------------------------------------------------------------------------------

all: $(BUILD)/limpet ## Build build/limpet (the default)

deps: ## Install what building and testing need and this machine lacks (Debian packages, npm sources)
	@CC="$(CC)" PYTHON="$(PYTHON)" packaging/deps.sh install build test

scan: ## Set up, build, and look for leaks in DIR (`make scan DIR=path`)
	@CC="$(CC)" PYTHON="$(PYTHON)" packaging/deps.sh install build
	@$(MAKE) --no-print-directory $(PARALLEL) all
	@$(BUILD)/limpet check "$(DIR)" || [ $$? -eq 1 ] # findings are what was asked for

test: ## Set up, build, and run all tests
	@CC="$(CC)" PYTHON="$(PYTHON)" packaging/deps.sh install build test
	@$(MAKE) --no-print-directory $(PARALLEL) check

check: all programs headers ## Run all tests, without set-up (TESTS=part of a name: only those)
	@LIMPET_BIN="$(abspath $(BUILD)/limpet)" $(PYTHON) tests/run.py --build "$(BUILD)" $(TESTS)

programs: $(UNIT_PROGRAMS) $(DRIVER_PROGRAMS) ## Build the unit tests and the programs that tests run

headers: $(HEADER_CHECKS) ## Compile every header alone

fmt: ## Format the C sources
	@$(CLANG_FORMAT) -i $(shell find src rules tests -name '*.[ch]')

fmt-check: ## Say which C sources are not formatted
	@$(CLANG_FORMAT) --dry-run --Werror $(shell find src rules tests -name '*.[ch]')

# The sanitizers watch our own code; the parser, which is not ours to mend, is watched for bad addresses.
asan: ## Build with address and undefined-behaviour sanitizers (build-asan) and run all tests
	@$(MAKE) --no-print-directory $(PARALLEL) BUILD=build-asan \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all' \
	    VENDOR_CFLAGS='-O1 -g1 -fno-omit-frame-pointer -fsanitize=address' \
	    LDFLAGS='-fsanitize=address,undefined' check

tsan: ## Build with the thread sanitizer (build-tsan) and run all tests
	@$(MAKE) --no-print-directory $(PARALLEL) BUILD=build-tsan \
	    CFLAGS='-O1 -g -fsanitize=thread' VENDOR_CFLAGS='-O1 -g1 -fsanitize=thread' \
	    LDFLAGS='-fsanitize=thread' check

fuzz: ## Build the libFuzzer programs of tests/fuzz (build-fuzz/fuzz/*) with clang
	@$(MAKE) --no-print-directory $(PARALLEL) BUILD=build-fuzz CC=clang-19 \
	    CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	    VENDOR_CFLAGS='-O1 -g1 -fsanitize=fuzzer-no-link,address' \
	    LDFLAGS='-fsanitize=fuzzer,address,undefined' \
	    $(patsubst tests/fuzz/%.c,build-fuzz/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

bless: all programs ## Rewrite the golden files from what limpet prints now (review the diff)
	@BLESS=1 LIMPET_BIN="$(abspath $(BUILD)/limpet)" $(PYTHON) tests/run.py --build "$(BUILD)" $(TESTS)

bench: all programs ## Compare a scan of DIR with parsing alone, and measure memory
	@LIMPET_BIN="$(abspath $(BUILD)/limpet)" $(PYTHON) tests/bench/bench.py "$(DIR)"

# Table and repositories are the user's own: tests/bench/real.py says what they hold. WORK= keeps exports.
bench-real: all ## Find leaks of real projects before their fix, none after it (TABLE=file MIRROR=dir AREA= ID= V=1)
	@LIMPET_BIN="$(abspath $(BUILD)/limpet)" $(PYTHON) tests/bench/real.py --table "$(TABLE)" --mirror "$(MIRROR)" \
	    -j $(JOBS) $(if $(WORK),--work "$(WORK)") $(if $(AREA),--area "$(AREA)") $(if $(ID),--id "$(ID)") $(if $(V),-v)

bench-scale: all ## Cost of link, summaries and check for copies of the projects below DIR, growing to 3 million lines (OUT=file INSTRUCTIONS=1)
	@LIMPET_BIN="$(abspath $(BUILD)/limpet)" $(PYTHON) tests/bench/scale.py "$(DIR)" $(if $(OUT),--output "$(OUT)") \
	    $(if $(INSTRUCTIONS),--instructions)

bench-hook: all ## What a scan from the cache and the hook cost beside a scan of DIR that reads every file
	@LIMPET_BIN="$(abspath $(BUILD)/limpet)" $(PYTHON) tests/bench/hook.py "$(DIR)"

corpus: all ## Scan every checkout below DIR, one row each (tests/corpus/projects.tsv lists what we measure on)
	@LIMPET_BIN="$(abspath $(BUILD)/limpet)" $(PYTHON) tests/corpus/run.py "$(DIR)"

torture: all programs ## The long form of the tests with hostile input (minutes)
	@FULL=1 LIMPET_BIN="$(abspath $(BUILD)/limpet)" $(PYTHON) tests/cli/test_hostile.py

witness: ## Run the fixtures' witnesses: do the leaks leak, and the near misses not?
	@$(PYTHON) tests/rules/run_witness.py

# What is installed, below PREFIX; man page and completion come from the program's own tables.
INSTALLED := bin/limpet share/man/man1/limpet.1 share/bash-completion/completions/limpet \
             share/zsh/site-functions/_limpet share/fish/vendor_completions.d/limpet.fish

install: all ## Install limpet, its manual page and completion below PREFIX (DESTDIR= for packagers)
	@install -D -m 755 $(BUILD)/limpet "$(DESTDIR)$(PREFIX)/bin/limpet"
	@for row in $(foreach file,$(INSTALLED),$(if $(filter share/%,$(file)),$(file))); do \
	    case $$row in *.1) what=man ;; *bash*) what=bash ;; *zsh*) what=zsh ;; *) what=fish ;; esac; \
	    $(BUILD)/limpet generate $$what -o $(BUILD)/generated.tmp && \
	    install -D -m 644 $(BUILD)/generated.tmp "$(DESTDIR)$(PREFIX)/$$row" || exit 1; done; \
	    rm -f $(BUILD)/generated.tmp
	@printf '  installed below %s\n' "$(DESTDIR)$(PREFIX)"

uninstall: ## Remove what `make install` put below PREFIX, and the directories that this leaves empty
	@cd "$(DESTDIR)$(PREFIX)" 2>/dev/null || exit 0; rm -f $(INSTALLED); \
	    for file in $(INSTALLED); do rmdir -p --ignore-fail-on-non-empty "$${file%/*}" 2>/dev/null; done; true

dist: ## Make a release archive that builds without npm (dist/limpet-VERSION.tar.gz)
	@packaging/dist.sh "$(VERSION)" "$(VENDOR)"

deb: ## Make Debian packages (dist/*.deb) with dpkg-buildpackage
	@packaging/deb.sh "$(VERSION)" "$(VENDOR)"

clean: ## Remove what was built (not node_modules)
	rm -rf build build-asan build-tsan build-fuzz dist $(BUILD)

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

# ---- limpet itself -----------------------------------------------------------------------------

$(BUILD)/limpet: $(OBJ)/src/main.o $(LIBRARY) $(VENDOR_LIBRARY)
	$(call run,LD,$@) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Made anew each time, so that the object of a deleted source does not stay inside.
$(LIBRARY): $(LIBRARY_OBJECTS) $(BUILD)/sources
	@rm -f $@
	@$(AR) rcs $@ $(LIBRARY_OBJECTS)

$(OBJ)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call run,CC,$<) $(CC) $(OUR_FLAGS) -MMD -MP -c -o $@ $<

$(OBJ)/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call run,CC,$<) $(CC) $(OUR_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/rules.c: src/rule/collect.awk src/rule/rule.h $(RULES) $(BUILD)/rules
	@mkdir -p $(@D)
	$(call run,GEN,$@) awk -f src/rule/collect.awk $(RULES) > $@

$(BUILD)/gen/assets.c: src/report/embed.sh src/report/html.css src/report/html.js
	@mkdir -p $(@D)
	$(call run,GEN,$@) src/report/embed.sh src/report/html.css src/report/html.js > $@

# What a cache was made with is a part of its keys. Changed only when a digest in it does.
$(BUILD)/gen/build.c: src/cache/build.sh $(SOURCES) $(HEADERS) $(RULES) $(BUILD)/sources $(BUILD)/third_party/version
	@mkdir -p $(@D); text="$$(printf '%s\n' $(SOURCES) $(HEADERS) $(RULES) $(BUILD)/third_party/version | \
	    src/cache/build.sh)" && { [ "$$text" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$text" > $@; }

$(OBJ)/gen/build.o: $(BUILD)/gen/build.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call run,GEN,$@) $(CC) $(OUR_FLAGS) -MMD -MP -c -o $@ $<

# Changed only when its text changes: objects depend on their flags, the library on its list of
# members, the rule table on its list of rules.
$(BUILD)/flags: FORCE $(BUILD)/third_party/version
	@mkdir -p $(@D); text='$(CC) $(OUR_FLAGS)'; [ "$$text" = "$$(cat $@ 2>/dev/null)" ] || \
	    { CC="$(CC)" packaging/deps.sh check build && printf '%s\n' "$$text" > $@; }

$(BUILD)/sources $(BUILD)/rules: FORCE
	@mkdir -p $(@D); text='$(if $(filter %/rules,$@),$(RULES),$(SOURCES) $(RULES))'; \
	    [ "$$text" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$text" > $@

# ---- third-party sources -----------------------------------------------------------------------

# The stamp holds versions and flags. Objects depend on it alone: neither our own changes nor another
# `npm ci` of the same versions compile the 3.4 MB grammar again.
$(BUILD)/third_party/version: FORCE
	@[ -f $(TS_LIB)/src/lib.c ] && [ -f $(TS_PYTHON)/parser.c ] && [ -f $(TS_TOML)/parser.c ] || \
	    { echo 'limpet: the sources of tree-sitter are missing: run `make deps`' >&2; exit 1; }
	@mkdir -p $(@D); text="$$(grep -h '"version"' $(VENDOR)/tree-sitter/package.json \
	    $(VENDOR)/tree-sitter-python/package.json $(TS_TOML)/../package.json) $(CC) $(VENDOR_FLAGS)"; \
	    [ "$$text" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$text" > $@

$(VENDOR_LIBRARY): $(addprefix $(BUILD)/third_party/,core.o python_parser.o python_scanner.o toml_parser.o toml_scanner.o)
	@rm -f $@
	@$(AR) rcs $@ $^

$(BUILD)/third_party/core.o: $(BUILD)/third_party/version
	$(call run,CC,$(TS_LIB)/src/lib.c) $(CC) $(VENDOR_FLAGS) -I$(TS_LIB)/include -I$(TS_LIB)/src -c -o $@ $(TS_LIB)/src/lib.c

$(BUILD)/third_party/python_%.o: $(BUILD)/third_party/version
	$(call run,CC,$(TS_PYTHON)/$*.c) $(CC) $(VENDOR_FLAGS) -I$(TS_PYTHON) -c -o $@ $(TS_PYTHON)/$*.c

$(BUILD)/third_party/toml_%.o: $(BUILD)/third_party/version
	$(call run,CC,$(TS_TOML)/$*.c) $(CC) $(VENDOR_FLAGS) -I$(TS_TOML) -c -o $@ $(TS_TOML)/$*.c

# ---- tests -------------------------------------------------------------------------------------

$(UNIT_PROGRAMS): $(BUILD)/tests/%: $(OBJ)/tests/unit/%.o $(LIBRARY) $(VENDOR_LIBRARY)
	@mkdir -p $(@D)
	$(call run,LD,$@) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

# One rule for each driver: they lie in different folders and are built into one.
define driver
$(BUILD)/tests/$(basename $(notdir $(1))): $(OBJ)/$(basename $(1)).o $(LIBRARY) $(VENDOR_LIBRARY)
	@mkdir -p $$(@D)
	$$(call run,LD,$$@) $$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach source,$(DRIVERS),$(eval $(call driver,$(source))))

$(BUILD)/fuzz/%: $(OBJ)/tests/fuzz/%.o $(LIBRARY) $(VENDOR_LIBRARY)
	@mkdir -p $(@D)
	$(call run,LD,$@) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/headers/%.ok: % $(BUILD)/flags
	@mkdir -p $(@D)
	@$(CC) $(OUR_FLAGS) -fsyntax-only -x c -include $< /dev/null && touch $@

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
