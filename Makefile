# Anlan: one command each. `make run` on a fresh machine needs make, python3 (3.11-3.13) and python3-venv only.
# PACK, PORT, HOST, RESIDENTS, DATABASE_URL, ANLAN_DATA_DIR: docs/operations.md.

.DEFAULT_GOAL := run
.PHONY: setup run test check bench prove gallery

setup:
	@scripts/setup

run: setup
	@exec .venv/bin/anlan run

test: setup
	@scripts/test

check: setup
	@scripts/check

bench: setup
	@exec .venv/bin/python -m bench $(ONLY)

prove: setup
	@scripts/prove

gallery: setup
	@scripts/gallery
