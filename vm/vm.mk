# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Verbs of the virtual machine, included by the Makefile above.

.PHONY: vm vm-deps vm-image test-machine test-kernels vm-clean

vm: all ## keep the virtual machine running; prints where the page, REST and a root shell are
	@vm/deps.sh
	@vm/interactive

vm-deps: ## install the packages that the virtual machine needs on this host
	@vm/deps.sh

vm-image: vm-deps ## build the Debian image ahead of time
	@vm/prepare

test-machine: all vm-deps ## machine tests in a virtual machine (VM_TESTS="path…" picks, KERNEL=6.1 another kernel)
	@vm/test-machine $(if $(KERNEL),--kernel $(KERNEL)) $(VM_TESTS)

test-kernels: all vm-deps ## machine tests under every supported kernel, the modules' on emulated arm64, too; modules compiled for the newest headers
	@vm/test-kernels

vm-clean: ## remove the cached images and kernels
	@vm/prepare --clean
