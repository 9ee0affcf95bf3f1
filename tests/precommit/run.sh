#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The hooks under the real pre-commit, in a repository made here: bad data is
# stopped, good data passes.  No network: the hook repository is a clone of
# nothing but .pre-commit-hooks.yaml.
set -u
bin=$PWD/$1/turnlint
hooks=$PWD/.pre-commit-hooks.yaml

if ! command -v pre-commit >/dev/null 2>&1 || ! command -v git >/dev/null 2>&1; then
	echo "ok - hooks # SKIP pre-commit and git are needed"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" PRE_COMMIT_HOME="$work/cache" GIT_CONFIG_NOSYSTEM=1
export XDG_CONFIG_HOME="$work/home" PRE_COMMIT_COLOR=never
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE CI
mkdir "$work/home" "$work/bin"
ln -s "$bin" "$work/bin/turnlint"
PATH=$work/bin:$PATH
git config --global init.defaultBranch main
git config --global protocol.file.allow always
status=0

result() { # ok? name
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		status=1
		echo "not ok - $2"
		sed 's/^/# /' "$work/out" | head -40
	fi
}

# expect NAME STATUS PATTERN...: the last output has each pattern
expect() {
	name=$1 want=$2
	shift 2
	bad=0
	[ "$rc" -eq "$want" ] || { bad=1; echo "status $rc, not $want" >>"$work/out"; }
	for p in "$@"; do
		grep -qE -e "$p" "$work/out" || { bad=1; echo "missing: $p" >>"$work/out"; }
	done
	result $bad "$name"
}

commit() { # git commit with the hooks; the output goes to $work/out
	git commit -qm change >"$work/out" 2>&1
	rc=$?
}

git init -q "$work/hooks"
cp "$hooks" "$work/hooks/"
git -C "$work/hooks" add . && git -C "$work/hooks" commit -qm hooks
rev=$(git -C "$work/hooks" rev-parse HEAD)

git init -q "$work/data" && cd "$work/data" || exit 2
cat >.pre-commit-config.yaml <<EOF
repos:
- repo: $work/hooks
  rev: $rev
  hooks:
  - id: turnlint
  - id: turnlint-diff
EOF
pre-commit validate-manifest "$hooks" >"$work/out" 2>&1
rc=$?
expect "the manifest is valid" 0
pre-commit install >"$work/out" 2>&1
rc=$?
expect "the hook is installed" 0

good='{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}'
other='{"messages":[{"role":"user","content":"bye"},{"role":"assistant","content":"see you"}]}'
broken='{"messages":[{"role":"user","content":"hi"},{"role":"asistant","content":"hello"}]}'

printf '%s\n' "$good" >train.jsonl
git add .
commit
expect "good data passes" 0 'turnlint\.+Passed'

printf '%s\n%s\n' "$good" "$broken" >train.jsonl
git add .
commit
expect "bad data is stopped, with file, line and rule" 1 \
	'turnlint\.+Failed' 'train\.jsonl:2:' 'ROL0[0-9][0-9]'
expect "the diff of what was to be committed is shown" 1 \
	'train\.jsonl +1 → 2 records +\+1 -0'
git log --format=%s >"$work/out"
rc=$(wc -l <"$work/out")
expect "nothing was committed" 1

printf '%s\n%s\n' "$good" "$other" >train.jsonl
git add .
printf '%s\n%s\n' "$good" "$broken" >train.jsonl
commit
expect "what counts is the index, not the worktree" 0 'turnlint\.+Passed'
git checkout -q train.jsonl

printf '%s\n{"messages": [\n' "$good" >"o d d.jsonl"
git add .
commit
expect "JSON that is cut off is stopped, odd names and all" 1 \
	'o d d\.jsonl:2:' 'JSN0[0-9][0-9]'
git rm -qf "o d d.jsonl"

printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 9\n' 1 >lfs.jsonl
git add .
commit
expect "an LFS pointer is stopped with the command to run" 1 \
	'GIT001' 'git lfs pull'
git rm -qf lfs.jsonl

printf '{"name": "not a dataset"}\n' >package.json
printf 'text\n' >notes.md
git add .
commit
expect "other files are no business of the hook" 0 'turnlint\.+\(no files'

printf '%s\n' "$good" | gzip >packed.jsonl.gz
git add .
commit
expect "compressed data passes" 0 'turnlint\.+Passed'
printf '%s\n' "$broken" | gzip >packed.jsonl.gz
git add .
commit
expect "compressed data is stopped" 1 'packed\.jsonl\.gz:1:' 'ROL0[0-9][0-9]'
git checkout -qf HEAD .

i=0
while [ $i -lt 300 ]; do
	printf '%s\n' "$good" >"shard-$i.jsonl"
	i=$((i + 1))
done
printf '%s\n' "$broken" >"shard-150.jsonl"
git add .
commit
expect "one bad shard among 300 is found" 1 'shard-150\.jsonl:1:'
exit $status
