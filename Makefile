# Two commands for a newcomer: `make demo` and `make test`. All paths are relative, so any folder name will do.
PY = .venv/bin/python
PORT ?= 8000
export PYTHON

.PHONY: help setup demo test check chaos bench lock format wheel

help:
	@echo "make demo    показать Госпульт на вымышленном регионе (PORT=8000)"
	@echo "make test    проверить всё: тесты"
	@echo "make check   оформление, типы, этажи, миграции"
	@echo "make chaos   долгая проверка с убийством процессов"
	@echo "make bench   измерить скорость"
	@echo "make format  привести оформление кода в порядок"
	@echo "make lock    обновить закреплённые версии зависимостей"
	@echo "make wheel   собрать пакет в dist/"

setup:
	@sh .ci/setup

demo: setup
	@$(PY) -m gospult.cli demo --port $(PORT)

test: setup
	@sh .ci/browser
	@$(PY) -m pytest $(if $(ARGS),$(ARGS),-n 3 --dist loadfile)

check: setup
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(PY) -m gospult.cli manage makemigrations --check --dry-run

chaos: setup
	@$(PY) -m pytest -m chaos -s $(ARGS)

bench: setup
	@$(PY) -m gospult.cli bench $(NAME)

format: setup
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

# Runtime and dev are resolved together; no address of an index gets into the files.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate
lock:
	@command -v uv >/dev/null || { echo "Для make lock нужен uv."; exit 1; }
	$(COMPILE) --upgrade --group dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) -c requirements/dev.txt pyproject.toml -o requirements/runtime.txt

wheel: setup
	@rm -rf dist
	@$(PY) -c 'import hatchling.build as b; print("dist/" + b.build_wheel("dist"))'
