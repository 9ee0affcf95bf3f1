# SPDX-License-Identifier: Apache-2.0
#
# turnlint: one Makefile, no recursion but for modes; objects under
# build/<mode>/ so that flag sets never mix.  `make help` lists the targets.

MODE ?= release
B    := build/$(MODE)

-include config.mk

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
INCDIR  ?= $(PREFIX)/include
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/turnlint
PKG_CONFIG ?= pkg-config
AR      ?= ar

# ---- flags -----------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wundef -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wwrite-strings -Wcast-qual -Wformat=2 \
	-Wdouble-promotion

OPT_release := -O2 -g -fPIE -fstack-protector-strong \
	-fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
LD_release  := -pie -Wl,-z,relro,-z,now
OPT_debug   := -O0 -g3
LD_debug    :=
OPT_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
LD_asan     := -fsanitize=address,undefined
OPT_tsan    := -O1 -g -fsanitize=thread
LD_tsan     := -fsanitize=thread
OPT_fuzz    := -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
LD_fuzz     := -fsanitize=address,undefined

ifeq ($(MODE),fuzz)
CC := clang
endif

CFLAGS ?= $(OPT_$(MODE))
override CFLAGS   += -std=c17 -pthread $(WARN) $(if $(WERROR),-Werror)
override CPPFLAGS += -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 \
	-DTL_VERSION='"$(VERSION)"' -Iinclude
override LDFLAGS  += -pthread $(LD_$(MODE))

# One foreign library a folder.  As -isystem, so its headers are not judged.
pkg_cflags = $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null))
PKG_base      := libutf8proc
PKG_json      := libcjson
PKG_io        := zlib libzstd
PKG_tokenizer := oniguruma
PKG_template  := libutf8proc
PKG_yaml      := yaml-0.1
PKG_git       := libgit2
PKG_view      := ncursesw
PKG_ALL       := $(sort $(PKG_base) $(PKG_json) $(PKG_io) $(PKG_tokenizer) \
	$(PKG_template) $(PKG_yaml) $(PKG_git))
LIBS      = $(shell $(PKG_CONFIG) --libs $(PKG_ALL) 2>/dev/null) -lm
VIEW_LIBS = $(shell $(PKG_CONFIG) --libs $(PKG_view) 2>/dev/null)

# ---- sources ---------------------------------------------------------------

# The library is every room but the program's own two.
ROOMS    := base json yaml io dataset template tokenizer trainer setup lint report git diff
LIB_SRC  := $(sort $(foreach r,$(ROOMS),$(wildcard src/$(r)/*.c src/$(r)/*/*.c)))
RULE_SRC := $(sort $(wildcard rules/*/*.c))
VIEW_SRC := $(sort $(wildcard src/view/*.c))
CLI_SRC  := $(sort $(filter-out src/cli/main.c,$(wildcard src/cli/*.c)))

obj = $(patsubst %.c,$(B)/%.o,$(1))
LIB_OBJ  := $(call obj,$(LIB_SRC) $(RULE_SRC))
APP_OBJ  := $(call obj,$(VIEW_SRC) $(CLI_SRC))
LIB      := $(B)/libturnlint.a
APP_LIB  := $(B)/libturnlint-app.a
BIN      := $(B)/turnlint

UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(patsubst %.c,$(B)/%,$(UNIT_SRC))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(patsubst %.c,$(B)/%,$(FUZZ_SRC))
# The same targets without libFuzzer: they replay files given to them.
REPLAY_BIN := $(patsubst tests/fuzz/fuzz_%.c,$(B)/tests/fuzz/replay_%,$(FUZZ_SRC))
TOOL_SRC := $(sort $(wildcard tests/tools/*.c))
TOOL_BIN := $(patsubst tests/tools/%.c,$(B)/tests/%,$(TOOL_SRC))
BENCH_SRC := $(sort $(wildcard tests/bench/*.c))
BENCH_BIN := $(patsubst %.c,$(B)/%,$(BENCH_SRC))

# For a user who just typed `make check`: all cores, unless -j was given.
JOBS := $(if $(findstring j,$(firstword -$(MAKEFLAGS))),,-j$(shell nproc 2>/dev/null || echo 1))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help deps demo check test update-golden asan tsan fuzz bench lint \
	format format-check check-deps conformance install uninstall clean FORCE

all: $(BIN) $(LIB) $(TOOL_BIN)

help:
	@echo 'make                build $(BIN)'
	@echo 'make demo           install what is missing, build, run on samples/'
	@echo 'make check          install what is missing, build, run every test'
	@echo 'make test           the tests alone, nothing is installed'
	@echo 'make asan | tsan    the tests under sanitizers'
	@echo 'make lint           clang-tidy, cppcheck, format and include checks'
	@echo 'make format         rewrite the sources with clang-format'
	@echo 'make fuzz           fuzz every target for FUZZ_SECONDS (60)'
	@echo 'make bench          speed against peers, as ratios'
	@echo 'make conformance    compare with the reference engines'
	@echo 'make update-golden  rewrite the expected outputs'
	@echo 'make check-deps     the direction of includes'
	@echo 'make install        PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'

# ---- generated lists: a new file is all it takes -----------------------------

FORMAT_IDS  := $(patsubst src/dataset/format_%.c,%,$(sort $(wildcard src/dataset/format_*.c)))
TRAINER_IDS := $(patsubst src/trainer/trainer_%.c,%,$(sort $(wildcard src/trainer/trainer_*.c)))
REPORT_IDS  := $(patsubst src/report/report_%.c,%,$(sort $(wildcard src/report/report_*.c)))
SETUP_IDS   := $(patsubst src/setup/setup_%.c,%,$(sort $(wildcard src/setup/setup_*.c)))
COMMAND_IDS := $(patsubst src/cli/cmd_%.c,%,$(sort $(wildcard src/cli/cmd_*.c)))
BUILTIN_SRC := $(sort $(wildcard src/template/builtin/*.jinja))
DEFAULT_TOKENIZER := $(wildcard samples/tokenizers/bpe-mini/tokenizer.json)
DEFAULT_TOKENIZER_CONFIG := \
	$(wildcard samples/tokenizers/bpe-mini/tokenizer_config.json)

# $(call list,MACRO,ids): written to a file only when it changes.
define list
	@mkdir -p $(@D)
	@printf '$(1)(%s)\n' $(2) >$@.tmp
	@if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi
endef

# The rules in the order of their codes.
$(B)/gen/rules.inc: FORCE
	$(call list,RULE,$(shell awk -F'"' '/^\t\.code = "/ { n = FILENAME; \
		gsub(/.*\/|\.c$$/, "", n); print $$2, n }' $(RULE_SRC) \
		/dev/null | sort | sed 's/.* //'))
$(B)/gen/formats.inc: FORCE
	$(call list,FORMAT,$(FORMAT_IDS))
$(B)/gen/trainers.inc: FORCE
	$(call list,TRAINER,$(TRAINER_IDS))
$(B)/gen/reports.inc: FORCE
	$(call list,REPORT,$(REPORT_IDS))
$(B)/gen/setups.inc: FORCE
	$(call list,SETUP,$(SETUP_IDS))
$(B)/gen/commands.inc: FORCE
	$(call list,COMMAND,$(COMMAND_IDS))

# What --version --verbose tells.
$(B)/gen/libraries.inc: Makefile
	@mkdir -p $(@D)
	@for p in $(PKG_ALL) $(PKG_view); do printf 'LIBRARY("%s", "%s")\n' \
		$$p "$$($(PKG_CONFIG) --modversion $$p)"; done >$@

# Files that become part of the program.
FRAMEWORK_SLOTS := src/template/builtin/frameworks.slots
FRAMEWORK_SRC := $(sort $(wildcard src/template/builtin/frameworks/*.jinja))
$(B)/gen/slots/names.inc: $(FRAMEWORK_SLOTS) src/template/slots.awk
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@awk -v dir=$(@D) -f src/template/slots.awk $(FRAMEWORK_SLOTS)
$(B)/gen/builtin_templates.inc: $(BUILTIN_SRC) $(FRAMEWORK_SRC) \
	$(B)/gen/slots/names.inc src/template/embed-template.sh Makefile
	@src/template/embed-template.sh $(BUILTIN_SRC) $(FRAMEWORK_SRC) \
		$(B)/gen/slots/*.jinja >$@
$(B)/gen/default_tokenizer.inc: $(DEFAULT_TOKENIZER) Makefile
$(B)/gen/default_tokenizer_config.inc: $(DEFAULT_TOKENIZER_CONFIG) Makefile
$(B)/gen/default_tokenizer.inc $(B)/gen/default_tokenizer_config.inc:
	@mkdir -p $(@D)
	@{ for f in $(filter %.json,$^); do \
		od -An -v -tx1 $$f | sed 's/ \(..\)/0x\1,/g'; done; echo 0; } >$@

GEN := $(addprefix $(B)/gen/,rules.inc formats.inc trainers.inc reports.inc \
	setups.inc commands.inc libraries.inc builtin_templates.inc slots/names.inc default_tokenizer.inc \
	default_tokenizer_config.inc)

# ---- building ----------------------------------------------------------------

room = $(word 2,$(subst /, ,$(1)))
$(B)/src/%.o: src/%.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Isrc -I$(B)/gen $(call pkg_cflags,$(PKG_$(call room,$<))) \
		$(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/rules/%.o: rules/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/tests/%.o: tests/%.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Isrc -Itests -I$(B)/gen \
		$(call pkg_cflags,cmocka $(PKG_json)) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(APP_LIB): $(APP_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(BIN): $(B)/src/cli/main.o $(APP_LIB) $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(VIEW_LIBS) $(LIBS)

$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(APP_LIB) $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs cmocka) $(VIEW_LIBS) $(LIBS)
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(LIB)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
$(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)
$(patsubst %,$(B)/tests/%,$(basename $(notdir $(TOOL_SRC)))): \
    $(B)/tests/%: $(B)/tests/tools/%.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

-include $(patsubst %.o,%.d,$(LIB_OBJ) $(APP_OBJ) $(B)/src/cli/main.o)
-include $(patsubst %,%.d,$(UNIT_BIN) $(FUZZ_BIN) $(BENCH_BIN))
-include $(patsubst tests/tools/%.c,$(B)/tests/tools/%.d,$(TOOL_SRC))

# ---- tests -------------------------------------------------------------------

deps:
	@.ci/deps build

demo: deps
	@echo 'building (a minute or two) …'
	@$(MAKE) --no-print-directory -s $(JOBS) all
	@tests/demo.sh $(BIN)

check: deps
	@.ci/deps test
	@echo 'building (a minute or two) …'
	@$(MAKE) --no-print-directory -s $(JOBS) test

# One line at the end: N passed, N failed, N skipped.
test: all $(UNIT_BIN) $(REPLAY_BIN)
	@tests/run.sh $(B)

update-golden: all
	@UPDATE=1 tests/golden/run.sh $(BIN)

asan tsan:
	@$(MAKE) --no-print-directory MODE=$@ test

conformance: deps
	@.ci/deps conformance
	@$(MAKE) --no-print-directory all
	@FULL=1 tests/conformance/run.sh $(B)

FUZZ_SECONDS ?= 60
fuzz: deps
	@.ci/deps fuzz
	@$(MAKE) --no-print-directory MODE=fuzz fuzz-bins
	@tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS)
.PHONY: fuzz-bins
fuzz-bins: $(FUZZ_BIN)

bench: deps
	@$(MAKE) --no-print-directory all bench-bins
	@tests/bench/run.sh $(B)
.PHONY: bench-bins
bench-bins: $(BENCH_BIN)

# ---- linting of ourselves ------------------------------------------------------

ALL_C := $(sort $(LIB_SRC) $(RULE_SRC) $(VIEW_SRC) $(CLI_SRC) src/cli/main.c \
	$(UNIT_SRC) $(FUZZ_SRC) $(TOOL_SRC) $(BENCH_SRC))
ALL_H := $(sort $(wildcard include/turnlint/*.h src/*/*.h src/*/*/*.h tests/*.h))

check-deps:
	@tests/check-deps.sh

format:
	clang-format -i $(ALL_C) $(ALL_H)
format-check:
	clang-format --dry-run -Werror $(ALL_C) $(ALL_H)

lint: deps
	@.ci/deps lint
	@$(MAKE) --no-print-directory check-deps format-check $(GEN)
	@tests/lint.sh $(B)

# ---- installing ------------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(INCDIR)/turnlint $(DESTDIR)$(MANDIR)/man1 \
		$(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(BIN) $(DESTDIR)$(BINDIR)/turnlint
	install -m 644 $(LIB) $(DESTDIR)$(LIBDIR)/libturnlint.a
	install -m 644 include/turnlint/*.h $(DESTDIR)$(INCDIR)/turnlint/
	sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
	    -e 's|@INCDIR@|$(INCDIR)|g' -e 's|@VERSION@|$(VERSION)|g' \
	    -e 's|@REQUIRES@|$(PKG_ALL)|g' src/turnlint.pc.in \
	    >$(DESTDIR)$(LIBDIR)/pkgconfig/turnlint.pc
	mkdir -p $(B)/man
	for m in $$($(BIN) man); do $(BIN) man $$m >$(B)/man/$$m || exit 1; done
	for s in 1 5 7; do for m in $(B)/man/*.$$s man/*.$$s; do \
		[ ! -f $$m ] || install -m 644 $$m $(DESTDIR)$(MANDIR)/man$$s/; \
	done; done
	$(BIN) completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/turnlint
	$(BIN) completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_turnlint
	$(BIN) completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/turnlint.fish

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/turnlint $(DESTDIR)$(LIBDIR)/libturnlint.a \
		$(DESTDIR)$(LIBDIR)/pkgconfig/turnlint.pc \
		$(DESTDIR)$(MANDIR)/man[157]/turnlint*.[157] \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/turnlint \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_turnlint \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/turnlint.fish
	rm -rf $(DESTDIR)$(INCDIR)/turnlint

clean:
	rm -rf build
