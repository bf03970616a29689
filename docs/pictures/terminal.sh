#!/usr/bin/env bash
# Makes docs/pictures/demo.svg: a real `fleet-backup demo` in a terminal of 100 columns. Needs tmux and .venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
session="fleet-backup-picture-$$"
trap 'tmux kill-session -t "$session" 2>/dev/null || true' EXIT
tmux new-session -d -s "$session" -x 100 -y 60 "bash --norc"
tmux send-keys -t "$session" "PS1='$ '; clear; .venv/bin/fleet-backup demo; echo ended-\$?" Enter
until tmux capture-pane -p -t "$session" | grep -q '^ended-'; do sleep 1; done
tmux capture-pane -e -p -t "$session" | .venv/bin/python docs/pictures/terminal.py docs/pictures/demo.svg
