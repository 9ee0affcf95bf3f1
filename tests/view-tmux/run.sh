#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The viewer on a real terminal: tmux shows it, sends keys, and is asked what is
# on the screen.  The data is hostile: escape sequences, bidi controls, wide
# characters, emoji.  tests/view-tmux/run.sh build/release
set -u
B=$1
bin=$PWD/$B/turnlint
if ! command -v tmux >/dev/null 2>&1; then
	echo "ok - view on a terminal # SKIP tmux is missing"
	exit 0
fi
export LC_ALL=C.UTF-8
work=$(mktemp -d)
# Sockets of our own: neither a user's tmux nor a run beside us is met.
export TMUX_TMPDIR="$work"
unset TMUX TMUX_PANE
t() { tmux -L view -f /dev/null "$@"; }
probe() { tmux -L probe -f /dev/null "$@"; }
trap 't kill-server 2>/dev/null; rm -rf "$work"' EXIT
status=0
# Not on the socket of the test: kill-server does not wait for the server to be
# gone, and a session that reaches it then ends with it.
if ! probe new-session -d 2>/dev/null; then
	echo "ok - view on a terminal # SKIP tmux cannot open a terminal here"
	exit 0
fi
probe kill-server

check() { # name, then a command that must succeed
	name=$1; shift
	if "$@" >/dev/null 2>&1; then
		echo "ok - view: $name"
	else
		status=1
		echo "not ok - view: $name"
		t capture-pane -p | grep . | sed 's/^/# /'
	fi
}
screen() { t capture-pane -p; }
has() { screen | grep -qF -e "$1"; }
lacks() { ! has "$1"; }
# Wait until the screen has (lacks) a text, half a minute at most: machines are
# busy, and sanitizers slow.
until_has() {
	i=0
	until has "$1"; do
		i=$((i + 1)); [ $i -lt 300 ] || return 1
		sleep 0.1
	done
}
# … until row $1 has $2: the program drew itself at that size.
until_row() {
	i=0
	until screen | sed -n "$1p" | grep -qF -e "$2"; do
		i=$((i + 1)); [ $i -lt 300 ] || return 1
		sleep 0.1
	done
}
until_lacks() {
	i=0
	while has "$1"; do
		i=$((i + 1)); [ $i -lt 300 ] || return 1
		sleep 0.1
	done
}
keys() { t send-keys "$@"; }
is() { [ "$(t display-message -p "$1")" = "$2" ]; }

"$PWD/tests/view-tmux/hostile.sh" >"$work/data.jsonl"
# The shell's settings of the terminal, to compare with later.
t new-session -d -x 120 -y 40 \
    "TERM=tmux-256color PS1='ready> ' ENV= exec sh -i" || exit 1
keys "cd '$work' && stty -a >before; clear" Enter
until_has 'ready>'
t pipe-pane -o "cat >'$work/raw'"

start() {
	keys 'clear' Enter
	until_lacks 'left: '
	keys "'$bin' view $1; echo le''ft: \$?" Enter
	until_has '? help'
}
gone() { # the prompt is back and the terminal is as it was
	until_has 'left: ' && is '#{alternate_on}' 0 &&
	    is '#{cursor_flag}' 1 && is '#{keypad_cursor_flag}' 0 &&
	    keys 'clear; stty -a >after; cmp after before && echo same settings' Enter &&
	    until_has 'same settings'
	rc=$?
	keys 'clear' Enter
	until_lacks 'same settings'
	return $rc
}

check 'opens at 120x40' start data.jsonl
[ $status -eq 0 ] || exit 1
check 'lists the records' until_has 'bidi-1'
check 'shows tokens' until_has 'and·‹U+0007›·bell'
check 'spells out ESC' until_has '‹U+001B›[31mred'
check 'is on the alternate screen' is '#{alternate_on}' 1
check 'the data did not set the title' \
    sh -c '! tmux -L view display-message -p "#{pane_title}" | grep -q owned'
keys ']'
check 'the next record' until_has '2/7'
check 'bidi controls are spelled out' until_has 'U+202E›'
keys ']'
check 'wide characters' until_has '日'
check 'joiners are spelled out' until_has 'U+200D›'
check 'panes stay aligned behind wide characters' \
    sh -c 'tmux -L view capture-pane -p | sed -n 3,20p | grep -v "^.\{30\}│" | wc -l | grep -qx 0'
keys t
check 'a trained run under the cursor' until_has 'trained: what the assistant says'
keys e
check 'a finding of a later record' until_has 'error['
check 'an id is escaped' until_has '\x1b[2Jid'
keys '/' 'zalgo' Enter
check 'search' until_lacks '/zalgo'
keys '7' 'G'
check 'the Nth record' until_has '7/7'
check 'a broken record says why' until_has 'no tokens: no valid JSON'
keys '?'
check 'help' until_has 'next trained run'
keys 'q'
until_has '7/7'
t resize-window -x 80 -y 24
check 'resized to 80x24' until_row 24 '? help'
keys '1' 'G'
check 'works at 80x24' until_has '1/7'
t resize-window -x 20 -y 5
check 'works at 20x5' until_row 5 '? help'
t resize-window -x 120 -y 40
check 'resized to 120x40' until_row 40 '? help'
keys q
check 'the terminal is restored after q' gone

start data.jsonl:3
check 'opens at a line' until_has '3/7'
keys C-z
check 'Ctrl-Z gives the terminal back' until_has 'ready>'
check 'stopped, not ended' is '#{alternate_on}' 0
keys 'fg' Enter
check 'fg draws the screen again' until_has '日'
keys C-c
check 'the terminal is restored after Ctrl-C' gone

start data.jsonl
pid=$(pgrep -n -f "^$bin view data.jsonl") && kill -TERM "$pid"
check 'the terminal is restored after SIGTERM' gone
start data.jsonl
pid=$(pgrep -n -f "^$bin view data.jsonl") && kill -ABRT "$pid"
check 'the terminal is restored after a crash' gone

keys 'clear' Enter
until_lacks 'left: '
keys "cat data.jsonl | '$bin' view -; echo le''ft: \$?" Enter
check 'data on standard input, keys from the terminal' until_has 'bidi-1'
keys ']' q
check 'the terminal is restored after standard input' gone

t pipe-pane
# In all that was sent there is nothing of the data's own sequences.
check 'no sequence of the data reached the terminal' \
    sh -c '! grep -aq "owned$(printf "\007")" "$1" && ! grep -aq "$(printf "\033")\[31mred" "$1" && [ -s "$1" ]' _ "$work/raw"
exit $status
