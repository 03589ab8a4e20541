#!/usr/bin/env bash
# Back up the bot while it goes on: one archive (wecom-bot-*.zip, 0600) of the database, of what waits in Redis, of
# media/ and of the settings. What it holds and why is in docs/operations.md.
#
#   backup.sh [FOLDER [OPTION...]]    more options: wecom-bot backup --help
#
#   BACKUP_FOLDER      where the archives go, where no FOLDER is given      /var/backups/wecom-bot
#   BACKUP_KEEP        how many stay                            14
#   BACKUP_KEY_FOLDER  where a copy of the master key goes: another disk, another owner. Empty: it is not copied, keep it
#                      yourself. Never in BACKUP_FOLDER: who finds the archive would open the tenants' secrets.
#   BACKUP_SETTINGS    the settings' file, goes in without the master key   /etc/wecom-bot/env
#   WECOM_BOT          the program                              /opt/wecom-bot/.venv/bin/wecom-bot
#
# The bot's own settings come from the environment, as for every process of it (systemd: EnvironmentFile). No password
# is on any command line. It ends with 0 only when the archive was read back and proved; otherwise no archive is left.
set -euo pipefail
umask 077

folder=${1:-${BACKUP_FOLDER:-/var/backups/wecom-bot}}
shift || true
keep=${BACKUP_KEEP:-14}
settings=${BACKUP_SETTINGS:-/etc/wecom-bot/env}
program=${WECOM_BOT:-/opt/wecom-bot/.venv/bin/wecom-bot}
unset WECOM_BOT BACKUP_FOLDER BACKUP_KEEP BACKUP_SETTINGS

arguments=(--keep "$keep")
[[ -r $settings ]] && arguments+=(--settings "$settings")
[[ -n ${BACKUP_KEY_FOLDER:-} ]] && arguments+=(--master-key-to "$BACKUP_KEY_FOLDER")

# Two at once would only take each other's disk and time
mkdir -p "$folder"
exec 9>"$folder/.lock"
if ! flock -n 9; then
  echo "另一个备份正在进行 / another backup is under way: $folder" >&2
  exit 3
fi
exec "$program" backup "$folder" "${arguments[@]}" "$@"
