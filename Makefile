# All of gifchat's commands. Each installs what it needs the first time.
#
#   make run ARGS="--port 8010"      start the server
#   make test TESTS=tests/browser    run some of the tests
#   make test JOBS=0                 run the tests in one process, not in one per core
#   make PYTHON=python3.12 setup     use another interpreter

PYTHON ?= python3
ARGS ?=
TESTS ?=
JOBS ?= auto
WORKLOADS ?=
SOAK ?=
FUZZ ?=
FLASHES ?=

# If this machine has no Node.js, tools/node-modules installs it into .venv/bin.
export PATH := $(PATH):$(CURDIR)/.venv/bin

PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes

BUNDLE := static/bundle/manifest.json
EMOJI := static/emoji/ko.json

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev run dev test test-built check format pictures soak flashes bench findings diagrams binary zipapp lock clean

help:
	@echo 'make setup   install the dependencies into .venv and node_modules, and bundle the scripts and styles of the pages'
	@echo 'make run     set up, then start the server (ARGS="--port 8010")'
	@echo 'make dev     the same with --debug; restarts whenever a file changes'
	@echo 'make test    set up, then run all tests (TESTS=tests/test_docs.py for some)'
	@echo 'make check   check format, lint and types of the Python and the scripts'
	@echo 'make format  format the Python'
	@echo 'make pictures  retake the screenshots in the READMEs'
	@echo 'make soak    test with kills, bad networks, outages, races, new Hypothesis examples and a fuzzer; takes hours (SOAK="--kills 20 --minutes 1 --outages 60 --of all" FUZZ="--minutes 5")'
	@echo 'make flashes  have an independent detector of flashes judge ours; installs 400 MB (FLASHES="--new 10000" for more sequences)'
	@echo 'make bench   compare with Node and python-socketio (WORKLOADS="lone burst" for some); takes half an hour'
	@echo 'make findings  run the scripts in findings/; installs public packages into temporary folders'
	@echo 'make diagrams  redraw the diagrams of docs/architecture.md from the code'
	@echo 'make binary  build dist/gifchat, a single file for machines like this one, without Python'
	@echo 'make zipapp  build dist/gifchat.pyz, a single file for machines with Python'
	@echo 'make test-built  build and test both'
	@echo 'make lock    pin the newest dependencies in requirements*.txt and the lock files of each package.json'
	@echo 'make clean   remove everything that make has created'

setup: .venv/.run node_modules/.done $(BUNDLE) $(EMOJI)

setup-dev: .venv/.dev node_modules/.done $(BUNDLE) $(EMOJI)

run: setup
	@exec .venv/bin/python gifchat.py $(ARGS)

dev: setup
	@exec .venv/bin/python -m tornado.autoreload --until-success tools/dev.py $(ARGS)

# With --dist loadfile, pytest-xdist 3.8 never ends a run in which it replaced a crashed worker: none is replaced.
# The tests start hundreds of servers and image workers, which would each compile gifchat anew where the environment
# forbids to keep bytecode.
test: setup-dev .venv/.browser .venv/.firefox tests/node_modules/.done
	tools/programs strace curl nginx
	CHROMIUM="$$(cat .venv/.browser)" FIREFOX="$$(cat .venv/.firefox)" PYTHONDONTWRITEBYTECODE= \
		.venv/bin/python -m pytest -n $(JOBS) --dist loadfile --max-worker-restart=0 $(TESTS)

check: setup-dev tests/node_modules/.done
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	tests/node_modules/.bin/tsc
	tests/node_modules/.bin/biome lint --error-on-warnings

format: .venv/.dev
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

pictures: setup-dev .venv/.browser
	CHROMIUM="$$(cat .venv/.browser)" .venv/bin/python -m tools.pictures

soak: setup-dev .venv/.fuzz
	tools/programs faketime
	.venv/bin/python -m tests.crash.soak $(SOAK)
	RACE_ROUNDS=1000 .venv/bin/python -m pytest tests/test_races.py
	.venv/bin/python -m pytest -m hypothesis --hypothesis-profile=new tests
	.venv/bin/python -m tests.fuzz $(FUZZ)

flashes: .venv/flashes/.done
	.venv/flashes/bin/python -m tests.flashes $(FLASHES)

bench: setup-dev .venv/.bench bench/node_modules/.done .venv/.browser
	status=0; .venv/bin/python -m bench $(WORKLOADS) || status=1; .venv/bin/python -m bench.storage || status=1; \
	.venv/bin/python -m bench.uploads || status=1; .venv/bin/python -m bench.pages || status=1; \
	.venv/bin/python -m bench.abuse || status=1; \
	CHROMIUM="$$(cat .venv/.browser)" .venv/bin/python -m bench.long_chat || status=1; exit $$status

findings:
	status=0; for script in findings/*.sh; do echo "== $$script"; bash "$$script" || status=1; done; exit $$status

diagrams: .venv/.dev
	command -v dot >/dev/null || tools/programs graphviz
	.venv/bin/python -m tools.diagrams

binary: .venv/package/.done node_modules/.done $(BUNDLE) $(EMOJI)
	.venv/package/bin/python -m tools.package.binary

zipapp: .venv/package/.done node_modules/.done $(BUNDLE) $(EMOJI)
	.venv/package/bin/python -m tools.package.zipapp

test-built: binary zipapp setup-dev .venv/.browser
	CHROMIUM="$$(cat .venv/.browser)" .venv/bin/python -m pytest tests/packaged

# pip-tools has its own environment. It only uses the public index, whatever this machine's pip configuration, because it
# needs the hashes of all of a package's files, for every system.
LOCK := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	CUSTOM_COMPILE_COMMAND='make lock' .venv/lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras \
	--allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

# npm only reads .npmrc next to package.json. The lock files do not contain the URL of this machine's registry.
NPM_LOCK := npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

lock: .venv/.made node_modules/.done
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(LOCK) --output-file requirements.txt requirements.in
	$(LOCK) --output-file requirements-dev.txt requirements-dev.in
	$(LOCK) --output-file requirements-node.txt requirements-node.in
	$(LOCK) --output-file requirements-bench.txt requirements-bench.in
	$(LOCK) --output-file requirements-build.txt requirements-build.in
	$(LOCK) --output-file requirements-fuzz.txt requirements-fuzz.in
	$(LOCK) --output-file requirements-flashes.txt requirements-flashes.in
	rm -rf .venv/lock
	for folder in . bench tests; do (cd $$folder && $(NPM_LOCK)) || exit 1; done

clean:
	rm -rf .venv static/bundle static/emoji node_modules bench/node_modules tests/node_modules dist build artifacts .mypy_cache .pytest_cache .ruff_cache .hypothesis

# One stamp file per setup step: a step is repeated when its inputs are newer.

.venv/.made: tools/venv
	tools/venv $(PYTHON)
	touch $@

.venv/.run: .venv/.made requirements.txt
	$(PIP) -r requirements.txt
	touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	touch $@

node_modules/.done: .venv/.made package-lock.json tools/node-modules
	tools/node-modules
	touch $@

# Includes the folders, because a file may have been deleted.
$(BUNDLE): node_modules/.done $(shell find static/css static/js tools/bundle)
	node tools/bundle/build.js

$(EMOJI): node_modules/.done tools/emoji/build.js static/js/room/emoji/catalogue.js
	node tools/emoji/build.js

.venv/.bench: .venv/.dev requirements-bench.txt
	$(PIP) -r requirements-bench.txt
	touch $@

.venv/.fuzz: .venv/.dev requirements-fuzz.txt
	$(PIP) -r requirements-fuzz.txt
	touch $@

# A separate environment, so that only the runtime dependencies are bundled.
.venv/package/.done: .venv/.made requirements.txt requirements-build.txt
	$(PYTHON) -m venv --clear .venv/package
	.venv/package/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r requirements-build.txt
	touch $@

# Another: the detector needs OpenCV and SciPy.
.venv/flashes/.done: .venv/.made requirements.txt requirements-flashes.txt
	$(PYTHON) -m venv --clear .venv/flashes
	.venv/flashes/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r requirements-flashes.txt
	touch $@

bench/node_modules/.done: node_modules/.done bench/package-lock.json tools/node-modules
	cd bench && ../tools/node-modules
	touch $@

tests/node_modules/.done: node_modules/.done tests/package-lock.json tools/node-modules
	cd tests && ../tools/node-modules
	touch $@

.venv/.browser: .venv/.dev tools/browser
	tools/browser > $@

.venv/.firefox: .venv/.made tools/firefox
	tools/firefox > $@
