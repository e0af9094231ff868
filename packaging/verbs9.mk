# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The targets of RapidDisk 9's Makefile that are no verbs of ours: they do what they did there, or say what replaces them and fail.
# Included last: what no rule above has is a mere folder, and make must not call that done.
.PHONY: tools clean-tools tools-clean module src install-strip tools-install-strip tools-strip strip debug tools-debug conf doc run-test

tools src: all
	@echo "The programs are in dist/."

module kernel:
	@$(MAKE) --no-print-directory -C kernel

clean-tools tools-clean:
	@rm -rf dist out

run-test: test

not_stripped = echo "The programs are JavaScript, which has nothing to strip; DKMS strips the modules." >&2

install-strip: install
	@$(not_stripped)

tools-install-strip: tools-install
	@$(not_stripped)

tools-strip strip: all
	@$(not_stripped)

debug tools-debug:
	@echo "There is no debug build: the service tells what it does in the journal (journalctl -u rapiddiskd.service), programs run" >&2
	@echo "under 'node --inspect dist/rapiddiskd.cjs', and 'make test-sanitize' runs the modules with the kernel's debugging aids." >&2
	@exit 1

conf doc:
	@echo "Nothing is built in '$@': 'make install' installs units and settings from systemd/ and packaging/, manuals from docs/man/." >&2
	@exit 1

folders := $(filter-out bench demo test vm tools kernel,$(patsubst %/,%,$(sort dist/ out/ $(wildcard */))))
.PHONY: kernel $(folders)
$(folders):
	@echo "'$@' is a folder of the source, not something to make; 'make help' lists what there is." >&2
	@exit 1
