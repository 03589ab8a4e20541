#!/usr/bin/env bash
# Bring the bot back from an archive of backup.sh, into empty places: a new data folder, an empty database, an empty Redis.
# Where deploy/install.sh was run there is a shorter way, with the settings and the user of the service:
#
#   wecom-bot restore /var/backups/wecom-bot/ARCHIVE --lost-at WHEN
#
#   restore.sh ARCHIVE WHEN      WHEN is when the lost machine answered for the last time, rather late than early:
#                                2026-11-29T14:05 (local time, or with a zone), or now
#
#   RESTORE_KEY  the master key that was kept apart; copied into the data folder (WECOM_BOT_DATA) unless one is there or
#                WECOM_BOT_MASTER_KEY is set
#   WECOM_BOT    the program     /opt/wecom-bot/.venv/bin/wecom-bot
#
# The settings first: `unzip -p ARCHIVE settings.env > settings.env`, and put the addresses right. Run it as a user who
# reads the archive, and before any process of the bot is started. The settings come from the environment, and their file
# is not for a shell (the & of a URL would end a command):
#
#   RESTORE_KEY=/mnt/safe/master.key /opt/wecom-bot/.venv/bin/dotenv -f settings.env run -- deploy/restore.sh ARCHIVE WHEN
set -euo pipefail
umask 077

if (($# != 2)); then
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
fi
archive=$1 lost_at=$2
program=${WECOM_BOT:-/opt/wecom-bot/.venv/bin/wecom-bot}
key=${RESTORE_KEY:-}
data=${WECOM_BOT_DATA:-data}
unset WECOM_BOT RESTORE_KEY

if [[ -n $key && -z ${WECOM_BOT_MASTER_KEY:-} && ! -e $data/master.key ]]; then
  mkdir -p "$data"
  install -m 0600 "$key" "$data/master.key"
fi
exec "$program" restore "$archive" --lost-at "$lost_at"
