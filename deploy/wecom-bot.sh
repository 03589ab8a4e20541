#!/bin/sh
# 装成 /usr/local/bin/wecom-bot：用服务的设置、以服务的用户执行命令 / the command with the service's settings, as its user
# 文件名从 /etc/wecom-bot 算起，例如 / names of files start there: wecom-bot tenants import tenants.toml
# （那里的文件 root:wecom-bot 0640，别人读不到 / files there are to be root:wecom-bot 0640, and nobody else reads them）
set -eu
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u wecom-bot --"; fi
umask 077
cd /etc/wecom-bot
export WECOM_BOT_DATA=/var/lib/wecom-bot
# shellcheck disable=SC2086 # 空着就是没有 / empty is none
exec $as /opt/wecom-bot/.venv/bin/dotenv -f /etc/wecom-bot/env run -- /opt/wecom-bot/.venv/bin/wecom-bot "$@"
