.DEFAULT_GOAL := help
.PHONY: help setup test test_server test_shell matrix

help: ## show this list
	@awk -F ':.*## ' '/^[a-z_]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is needed to develop
	npm run setup

test: ## run all tests
	npm test

test_server: ## start the demonstration site
	npm run demo

test_shell: ## open a shell with the store at hand
	npm run shell

matrix: ## try every framework on every Node version, and every runtime
	npm run test:matrix
	npm run test:matrix:built
	npm run test:runtimes
