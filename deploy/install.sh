#!/usr/bin/env bash
# 在一台 Debian 一类的机器上安装，或升级：以 root 在源码目录里执行 deploy/install.sh；PYTHON=… 换一个 Python（3.11 以上）
# Installs it on a machine like Debian, or upgrades it: as root, from the checkout; PYTHON=… names another Python (3.11 or newer).
#
# 装好什么 / what there is then:
#   /opt/wecom-bot/.venv      程序；指向 venvs/ 里的一个，升级就换一个，回滚就指回去 / the program, a link to one of venvs/: go back by linking the old
#   /opt/wecom-bot/deploy     units 用的脚本 / what the units use
#   /etc/wecom-bot/env        设置，已有就不动 / the settings; left alone when it is there
#   /var/lib/wecom-bot        数据 / the data          /var/backups/wecom-bot   备份 / backups
#   /usr/local/bin/wecom-bot  命令，带着这些设置，以 wecom-bot 用户执行 / the command, with those settings, as that user
# 什么都不启动，也不重启：在跑的照旧用原来的程序，到您一个个重启它们为止。
# Nothing is started or restarted: what runs goes on with the program that it has, until you restart it, one by one.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."
home=/opt/wecom-bot data=/var/lib/wecom-bot settings=/etc/wecom-bot backups=/var/backups/wecom-bot
python=${PYTHON:-python3}

if [ "$(id -u)" != 0 ]; then
  echo "请以 root 执行 / run it as root" >&2
  exit 1
fi
if ! "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; then
  echo "要 Python 3.11 以上和 venv 模块：apt-get install python3-venv，或 PYTHON=… / Python 3.11 with the venv module is needed" >&2
  exit 1
fi

getent passwd wecom-bot >/dev/null ||
  useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin wecom-bot
install -d -m 0755 "$home" "$home/deploy" "$home/venvs"
install -d -m 0750 -o root -g wecom-bot "$settings"
install -d -m 0700 -o wecom-bot -g wecom-bot "$data" "$backups"

# 每次一个新的 venv，装好了才换过去：装到一半失败，什么都没变 / a new one each time, and a link at the end: half an installation changes nothing
venv=$home/venvs/$(date -u +%Y%m%dT%H%M%SZ)
trap 'rm -rf "$venv"' ERR
"$python" -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index .
ln -sfn "$venv" "$home/.venv.new"
mv -T "$home/.venv.new" "$home/.venv"
trap - ERR
# 留最新的三个 / the newest three stay
find "$home/venvs" -mindepth 1 -maxdepth 1 | sort -r | tail -n +4 | xargs -r rm -rf

install -m 0644 deploy/gunicorn.conf.py "$home/deploy/"
find deploy -maxdepth 1 -name '*.sh' -exec install -m 0755 -t "$home/deploy" {} +
install -d -m 0755 /etc/systemd/system
install -m 0644 deploy/systemd/* /etc/systemd/system/
install -m 0755 deploy/wecom-bot.sh /usr/local/bin/wecom-bot
[ -e "$settings/env" ] || install -m 0640 -o root -g wecom-bot .env.example "$settings/env"
if [ -d data/model ]; then # make model 取来的 / fetched by `make model`
  checkout=$PWD
  (cd / && WECOM_BOT_DATA=$data "$home/.venv/bin/wecom-bot" model install "$checkout/data/model")
  chown -R wecom-bot:wecom-bot "$data/model"
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi

cat <<END
已装好 / installed: $("$home/.venv/bin/wecom-bot" --version)
  1. $settings/env                                  填 Redis、SQL、主密钥 / Redis, SQL, master key
  2. systemctl restart wecom-bot-migrate            数据库表 / the schema
  3. 第一次 / at first: systemctl enable --now wecom-bot.target wecom-bot-backup.timer
     升级 / an upgrade: 一个一个 / one by one: systemctl restart wecom-bot-gateway@8080, @8081, wecom-bot-worker@9101, @9102
END
