# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The verbs of the project. `make help` lists them.

VERSION := $(shell sed -n 's/^ *"version": "\(.*\)",/\1/p' package.json)

# Where things go: below /usr or /usr/local. Some directories do not follow PREFIX, because the programs that read them look
# nowhere else.
PREFIX     ?= /usr
DESTDIR    ?=

.DEFAULT_GOAL := all
.PHONY: all help setup generate po install uninstall tools-install tools-uninstall dkms-install dkms-uninstall demo test test-unit test-service test-page test-page-vm test-machine \
	test-kernel-unit bench lint format clean deb check \
	test-all test-sanitize test-litmus test-suites

all: dist/.stamp ## build the programs into dist/

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 20

include vm/vm.mk

# --- building -------------------------------------------------------------------------------------------------------

sources := $(shell find service dbus cockpit-plugin tools/licences -type f) esbuild.config.mjs package.json tsconfig.json

node_modules/.stamp: package.json package-lock.json .npmrc
	@tools/setup.sh node
	@touch $@

dist/.stamp: node_modules/.stamp $(sources)
	@node esbuild.config.mjs
	@touch $@

generate: node_modules/.stamp ## write service/src/generated/ from dbus/*.xml
	@npx tsx tools/generate.ts

po: node_modules/.stamp ## bring the page's translations up to its texts
	@tools/setup.sh po
	@node cockpit-plugin/build/po.mjs

setup: ## install every package that the other verbs need (apt with sudo when not root, npm)
	@tools/setup.sh node lint unit service vm kernel-unit

# --- checking -------------------------------------------------------------------------------------------------------

lint: node_modules/.stamp ## types, ESLint, formatting, shell scripts, unused code
	@tools/setup.sh lint
	@tools/lint.sh

format: node_modules/.stamp ## let the formatter write
	@npx prettier --log-level warn --write .

check: ## lint, unit and service tests: in less than five minutes, before each commit (MAY_SKIP as for test)
	@tools/check.sh $(if $(MAY_SKIP),--may-skip "$(MAY_SKIP)")

test: ## every test: unit, service, machine (MAY_SKIP="LEVEL…": these may be skipped as a whole)
	@tools/test.sh $(if $(MAY_SKIP),--may-skip "$(MAY_SKIP)")

test-all: ## every test, and what takes hours: all kernels, sanitizers, planted faults (SUITES=DIR as for test-suites)
	@tools/test-all.sh $(if $(MAY_SKIP),--may-skip "$(MAY_SKIP)") $(if $(SUITES),-- "$(SUITES)")

test-unit: node_modules/.stamp ## unit tests (milliseconds)
	@tools/setup.sh unit
	@npx mocha

test-page: all ## the page in a browser, with a real Cockpit and the simulated kernel
	@tools/setup.sh service vm page
	@npx mocha --config .mocharc.page.json

test-page-vm: all ## a person's journey through the page, on the real kernel in a virtual machine
	@tools/setup.sh vm page
	@test/page/vm/run

test-kernel-unit: ## pure logic of the modules, in user space with sanitizers
	@tools/setup.sh kernel-unit
	@$(MAKE) --no-print-directory -C kernel/tests

test-sanitize: ## both modules' tests under KASAN, lockdep and more (KCSAN=1: data races; MUTANTS=1: show that faults are found; SANITIZE_TESTS="uml/storm.sh…")
	@tools/setup.sh sanitize
	@kernel/tests/uml/run $(if $(KCSAN),--kcsan) $(if $(MUTANTS),--mutants) $(SANITIZE_TESTS)

test-litmus: ## the modules' lock-free protocols under the kernel's memory model, with herd7, which it fetches once
	@tools/setup.sh sanitize
	@kernel/tests/litmus/run --build

test-suites: ## blktests, xfstests, fsx and fsstress over the modules (SUITES=DIR of checkouts; TESTS="block/003…" DEVICES="cache…" pick)
	@$(if $(SUITES),tools/setup.sh suites)
	@test/suites/run $(if $(TESTS),--tests "$(TESTS)") $(if $(DEVICES),--devices "$(DEVICES)") $(if $(KERNEL),--kernel $(KERNEL)) $(if $(SUITES),"$(SUITES)")

test-service: all ## service tests: real dbus-daemon and polkitd, simulated kernel
	@tools/setup.sh service
	@npx mocha --config .mocharc.service.json

bench: all ## measure, side by side with the peers, in one virtual machine
	@tools/setup.sh bench vm page
	@bench/run

# --- showing --------------------------------------------------------------------------------------------------------

demo: ## the main job, end to end, in a virtual machine
	@tools/setup.sh node vm
	@$(MAKE) --no-print-directory all
	@demo/run

# --- installing -----------------------------------------------------------------------------------------------------

place = PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' VERSION='$(VERSION)' KVER='$(KVER)' packaging/install.sh
need_dist = test -e dist/rapiddiskd.cjs || { echo "Nothing is built yet: run 'make' first, as yourself." >&2; exit 1; }

install: ## install programs and module sources (DESTDIR, PREFIX); as root, also build and load the modules
	@$(need_dist)
	@$(place) install

uninstall: ## remove what install put there
	@$(place) uninstall

tools-install: ## install all but the kernel modules
	@$(need_dist)
	@$(place) tools-install

tools-uninstall: ## remove all but the kernel modules
	@$(place) tools-uninstall

dkms-install: ## install the kernel modules alone, by DKMS (KVER=: another kernel than the running one)
	@$(place) dkms-install

dkms-uninstall: ## remove the kernel modules alone
	@$(place) dkms-uninstall

deb: all ## build the .deb packages into out/deb/
	@tools/setup.sh deb
	@packaging/build-deb.sh

.PHONY: test-install
test-install: all ## packages and 'make install' on systems that never saw them: install, use, upgrade, remove
	@tools/setup.sh deb vm
	@packaging/test/run

clean: ## remove build output (the cache of images stays; `rm -r .cache` removes it)
	@rm -rf dist out
	@$(MAKE) --no-print-directory -C kernel clean 2>/dev/null || true

# --- verbs of RapidDisk 9 ---------------------------------------------------------------------------------------------

include packaging/verbs9.mk
