# People and CI call only this. Everything lives in $(VENV); a target redoes only what changed.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: audit-own audit-neural bench-gpu lock-neural bench-photo pictures-photo pictures-studio bench-preflight live help demo demo-pic test check docs pictures sync bench bench-pic bench-plugin bench-voice bench-service serve neural samples soak lock clean FORCE

VENV ?= .venv
PYTHON ?= $(shell sh scripts/find-python.sh)
BIN := $(VENV)/bin
PACKAGES := packages/avatar packages/preflight packages/pic
PYPROJECTS := $(PACKAGES:=/pyproject.toml)
AVATAR_SOURCES := $(shell find packages/avatar/src -type f ! -path '*/__pycache__/*')

# What tests use and pip cannot bring, by its Debian name.
DEBIAN_PACKAGES := chromium ffmpeg flite postgresql
# What the drawing library's Linux wheels are linked against and a bare system lacks.
DRAWING_PACKAGES := libegl1 libexpat1 libgl1

PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

help: ## this page
	@echo 'make demo     set up, then make out/hello.mp4 from a text and a recording'
	@echo 'make demo-pic a whole workflow of pic in a throwaway repository, then out/pic.html'
	@echo 'make test     set up, then run every test'
	@echo 'make check    lint, types, floors, locks, licences, generated pages'
	@echo 'make bench    measure, and write docs/benchmarks.md'
	@echo 'make audit-own  our own packages, audited by preflight on every Python and platform'
	@echo 'make audit-neural  the lock of each neural backend, audited by preflight'
	@echo 'make bench-gpu  what neural backends take on a GPU, where there is one: docs/benchmarks-gpu.md'
	@echo 'make bench-preflight  what audits cost and how right they are: docs/benchmarks-preflight.md'
	@echo 'make bench-pic  measure pic on 100,000 events, and write docs/benchmarks-pic.md'
	@echo 'make bench-plugin  measure the hooks on 10,000 files, and write docs/benchmarks-plugin.md'
	@echo 'make bench-photo  measure photos brought to speak, and write docs/benchmarks-photo.md'
	@echo 'make bench-voice  hear and compare matched voices, and write docs/benchmarks-voice.md'
	@echo 'make samples  matched voices to listen to, in out/samples'
	@echo 'make bench-align  measure alignment against known phone times'
	@echo 'make neural   set up what pulls the models of neural backends'
	@echo 'make serve    set up, then run the service on this machine: http://127.0.0.1:8000'
	@echo 'make soak     the long proofs'
	@echo 'make docs     write the generated pages: docs/reference, docs/licences.md'
	@echo 'make sync     measure lips against sound by an independent detector (needs Python 3.11 or 3.12)'
	@echo 'make pictures draw the pictures of README and docs/presenter.md'
	@echo 'make pictures-photo  draw the pictures of docs/photo.md'
	@echo 'make pictures-studio  take the pictures of docs/studio.md, in chromium'
	@echo 'make lock     bring requirements/*.txt up to date (UPGRADE=1: with the newest of everything)'
	@echo 'make clean    remove what these made: $(VENV), out/, caches'
	@echo
	@echo 'PYTHON=path/to/python3 chooses the Python; otherwise the newest here that works.'

demo: out/hello.mp4
	@echo 'the video is out/hello.mp4'

out/hello.mp4: $(VENV)/.signing examples/hello.txt examples/reference.flac examples/reference.txt $(AVATAR_SOURCES)
	@mkdir -p out
	$(BIN)/avatar pipeline run @examples/hello.txt --voice examples/reference.flac \
	    --transcript @examples/reference.txt \
	    --consent 'a synthetic voice that belongs to nobody, for this demo' \
	    --prompt 'a friendly woman with long wavy auburn hair, green eyes, light skin, teal blazer, office' --seed 14 --output $@

demo-pic: $(VENV)/.base
	@$(BIN)/python scripts/demo_pic.py

test: $(VENV)/.dev $(VENV)-align/.ready .cache/models/face/model.json
	@sh scripts/debian-packages.sh 'the tests' 'Tests that need it will be SKIPPED' $(DEBIAN_PACKAGES)
	$(BIN)/python -m pytest -n 2 -m 'not soak'
	PYTHONPATH=$(abspath $(VENV)-align) $(BIN)/python -m pytest -q packages/avatar/tests/unit/alignment packages/avatar/tests/unit/speech/test_sounds.py -k pocketsphinx

# Stops on Ctrl-C or SIGTERM; PORT=8000 is the default.
neural: $(VENV)/.neural
	@echo 'now: $(BIN)/avatar models list'

serve: $(VENV)/.service
	exec $(BIN)/avatar server start --with-worker $(if $(PORT),--port $(PORT))

# For the tests of photos; where the index does not hold it they are skipped. A person types: avatar models pull face
.cache/models/face/model.json: packages/avatar/src/avatar/engine/faces/pull.py | $(VENV)/.base
	@AVATAR_MODELS=.cache/models $(BIN)/avatar models pull face && touch $@ \
	    || echo '*** the face model could not be fetched: tests of photos will be SKIPPED ***'

# Needs the face model and, for a photo in the public domain, an index; the drawings of docs/photo.md.
pictures-photo: $(VENV)/.base .cache/models/face/model.json
	PYTHONPATH=scripts $(BIN)/python -m photo.pictures

pictures-studio: $(VENV)/.dev
	$(BIN)/python scripts/pictures_studio.py

bench-photo: $(VENV)/.dev $(VENV)-sync/.ready .cache/models/face/model.json
	PYTHONPATH=scripts $(BIN)/python -m photo.bench docs/benchmarks-photo.md $(VENV)-sync/bin/python

soak: $(VENV)/.dev .cache/models/face/model.json
	$(BIN)/python -m pytest -m soak --hypothesis-profile=default
	$(BIN)/python scripts/audit_neural.py $(BIN)/preflight

bench: $(VENV)/.dev
	$(BIN)/python scripts/bench.py docs/benchmarks.md

bench-gpu: $(VENV)/.dev
	$(BIN)/python scripts/bench_gpu.py docs/benchmarks-gpu.md

bench-pic: $(VENV)/.dev
	$(BIN)/python scripts/bench_pic.py docs/benchmarks-pic.md

bench-plugin: $(VENV)/.dev
	$(BIN)/python scripts/bench_plugin.py docs/benchmarks-plugin.md

bench-service: $(VENV)/.dev
	$(BIN)/python scripts/bench_service.py sqlite
	$(BIN)/python scripts/bench_service.py postgresql docs/benchmarks-service.md docs/scale.md

bench-preflight: $(VENV)/.dev
	$(BIN)/python scripts/bench_preflight.py

bench-voice: $(VENV)-voice/.ready
	PYTHONPATH=scripts $(VENV)-voice/bin/python -m voice.bench docs/benchmarks-voice.md $(if $(NO_CURVE),--no-curve) $(if $(LIST),--list $(LIST))

samples: $(VENV)/.base
	PYTHONPATH=scripts $(BIN)/python -m voice.samples

bench-align: $(VENV)/.dev $(VENV)-align/.ready
	PYTHONPATH=$(abspath $(VENV)-align) $(BIN)/python scripts/bench_alignment.py docs/benchmarks-alignment.md

# Beside the environment, not in it: there it would check every voice that the tests learn. Empty, and its tests skipped,
# on a Python that it has no wheel for.
$(VENV)-align/.ready: requirements/align.txt $(VENV)/.base
	@mkdir -p $(VENV)-align
	@$(PIP) --only-binary :all: --require-hashes --no-deps --upgrade --target $(VENV)-align -r requirements/align.txt
	@touch $@

check: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/house.py
	$(BIN)/python scripts/locks.py
	$(BIN)/python scripts/licences.py --check
	$(BIN)/python scripts/reference.py --check

docs: $(VENV)/.dev
	$(BIN)/python scripts/licences.py
	$(BIN)/python scripts/reference.py

pictures: $(VENV)/.base out/hello.mp4
	$(BIN)/python scripts/pictures.py out/hello.mp4

# The detector wants an older numpy than ours, so it has an environment of its own.
sync: $(VENV)/.dev $(VENV)-sync/.ready
	$(BIN)/python -m avatar.testing.sync $(VENV)-sync/bin/python

$(VENV)-sync/.ready: Makefile
	@sh scripts/make-venv.sh '$(PYTHON)' '$(VENV)-sync'
	@$(PIP:$(BIN)/%=$(VENV)-sync/bin/%) --only-binary :all: --no-deps 'mediapipe==0.10.21'
	@$(PIP:$(BIN)/%=$(VENV)-sync/bin/%) --only-binary :all: 'numpy<2' 'opencv-python-headless<5' \
	    'protobuf>=4.25.3,<5' absl-py attrs flatbuffers matplotlib av
	@touch $@

# A Python named by the caller is compared with the one $(VENV) was made with, each time.
$(VENV)/.python: $(if $(filter command environment,$(origin PYTHON)),FORCE)
	@sh scripts/make-venv.sh '$(PYTHON)' '$(VENV)'

$(VENV)/.base: requirements/base.txt $(PYPROJECTS) $(VENV)/.python
	@echo 'installing what the three commands need'
	@$(PIP) --only-binary :all: --require-hashes -r requirements/base.txt
	@$(PIP) --no-deps --no-build-isolation $(PACKAGES:%=-e %)
	@$(BIN)/python -c 'import skia' 2>/dev/null || \
	    sh scripts/debian-packages.sh 'drawing' 'Nothing can be drawn without it' $(DRAWING_PACKAGES)
	@touch $@

# The extra avatar-pipeline[signing]; the package itself stands there already.
$(VENV)/.signing: requirements/signing.txt $(VENV)/.base
	@echo 'installing what signs'
	@$(PIP) --only-binary :all: --require-hashes -r requirements/signing.txt
	@touch $@

# The extra avatar-pipeline[service].
$(VENV)/.service: requirements/service.txt $(VENV)/.signing
	@echo 'installing what the service needs'
	@$(PIP) --only-binary :all: --require-hashes -r requirements/service.txt
	@touch $@

# The extra avatar-pipeline[neural]: what pulls models and builds the environments of neural backends.
$(VENV)/.neural: requirements/neural.txt $(VENV)/.base
	@echo 'installing what neural backends are set up with'
	@$(PIP) --only-binary :all: --require-hashes -r requirements/neural.txt
	@touch $@

# The extra avatar-pipeline[heic].
$(VENV)/.heic: requirements/heic.txt $(VENV)/.base
	@echo 'installing what reads the photos of phones'
	@$(PIP) --only-binary :all: --require-hashes -r requirements/heic.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.service $(VENV)/.neural $(VENV)/.heic
	@echo 'installing what checks and tests need'
	@$(PIP) --only-binary :all: --require-hashes -r requirements/dev.txt
	@touch $@

# Ears for the bench of voices, apart from what is shipped and tested. Resemblyzer is wanted for its weights alone.
$(VENV)-voice/.ready: requirements/base.txt requirements/bench-voice.txt $(PYPROJECTS)
	@sh scripts/make-venv.sh '$(PYTHON)' '$(VENV)-voice'
	@$(VENV)-voice/bin/python -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: \
	    --require-hashes --no-deps -r requirements/base.txt -r requirements/bench-voice.txt
	@$(VENV)-voice/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
	    --no-build-isolation -e packages/avatar
	@touch $@

# Needs an index; each of our packages, on every Python and platform it is meant for.
audit-own: $(VENV)/.dev
	@sh scripts/audit-own.sh $(BIN)

# Needs an index, as the soak does that builds these environments.
audit-neural: $(VENV)/.dev
	$(BIN)/python scripts/audit_neural.py $(BIN)/preflight

# What the tests expect of recorded answers, asked of the index itself.
live: $(VENV)/.dev
	PREFLIGHT_LIVE=1 $(BIN)/python -m pytest -q packages/preflight/tests/e2e/test_case_study.py

# No addresses and no paths may reach a lock: whose mirror is used is each machine's own affair.
COMPILE = $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --only-binary :all: --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) \
    $(PYPROJECTS) requirements/build.in

lock: $(VENV)-lock/bin/uv
	$(COMPILE) --output-file requirements/base.txt
	$(COMPILE) requirements/signing.in --constraints requirements/base.txt --output-file requirements/signing.txt
	$(COMPILE) requirements/service.in --constraints requirements/signing.txt --output-file requirements/service.txt
	$(COMPILE) requirements/neural.in --constraints requirements/service.txt --output-file requirements/neural.txt
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	    --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) --constraints requirements/base.txt \
	    requirements/heic.in --output-file requirements/heic.txt
	$(COMPILE) requirements/dev.in --constraints requirements/neural.txt --constraints requirements/service.txt \
	    --output-file requirements/dev.txt
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	    --no-deps --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) requirements/align.in \
	    --output-file requirements/align.txt
	$(VENV)-lock/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --only-binary :all: \
	    --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) --overrides requirements/bench-voice.less \
	    --constraints requirements/base.txt requirements/bench-voice.in --output-file requirements/bench-voice.txt
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	    --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) requirements/mcp.in --output-file requirements/mcp.txt

# The workers' own locks: as published, for every platform, nothing of ours among them. sox comes as source.
NEURAL := packages/avatar/src/avatar/neural
lock-neural: $(VENV)-lock/bin/uv
	for name in chatterbox diffusers musetalk pocket qwen3 xtts; do \
	    $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	        --no-header $(if $(UPGRADE),--upgrade) $$(ls $(NEURAL)/$$name/overrides.txt 2>/dev/null | sed 's/^/--overrides /') \
	        $(NEURAL)/$$name/requirements.in --output-file $(NEURAL)/$$name/requirements.txt || exit 1; done

$(VENV)-lock/bin/uv:
	@sh scripts/make-venv.sh '$(PYTHON)' '$(VENV)-lock'
	@$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'

clean:
	rm -rf $(VENV) $(VENV)-lock $(VENV)-voice out .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find packages scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
