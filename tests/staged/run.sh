#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# turnlint check on what git holds: the index beside another worktree, LFS
# pointers with and without their object.
set -u
bin=$PWD/$1/turnlint

if ! command -v git >/dev/null 2>&1; then
	echo "ok - staged # SKIP git is needed"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_CONFIG_HOME="$work" GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
export GIT_CEILING_DIRECTORIES="$work"
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
status=0
good='{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}'
broken='{"messages":[{"role":"user","content":"hi"},{"role":"asistant","content":"hello"}]}'

# check_ NAME STATUS PATTERN ARGUMENT...; "" matches anything
check_() {
	name=$1 want=$2 pattern=$3
	shift 3
	"$bin" check --output-format concise "$@" >"$work/out" 2>&1 </dev/null
	rc=$?
	if [ $rc -eq "$want" ] && grep -qF -e "$pattern" "$work/out"; then
		echo "ok - $name"
	else
		status=1
		echo "not ok - $name: status $rc, not $want; or no '$pattern' in"
		sed 's/^/# /' "$work/out" | head -20
	fi
}

git init -q "$work/r" && cd "$work/r" || exit 2
mkdir sub
printf '%s\n' "$broken" >sub/a.jsonl
git add .
printf '%s\n' "$good" >sub/a.jsonl
check_ "the index is bad, the worktree good" 1 "sub/a.jsonl:1:" --staged
check_ "the worktree alone is good" 0 "" sub/a.jsonl
git add .
printf '%s\n' "$broken" >sub/a.jsonl
check_ "the index is good, the worktree bad" 0 "" --staged
check_ "the worktree alone is bad" 1 "sub/a.jsonl:1:" sub/a.jsonl
cd sub || exit 2
check_ "from a folder below" 0 "" --staged
git add .
check_ "a path narrows what is staged" 1 "a.jsonl:1:" --staged a.jsonl
cd ..
git commit -qm broken
printf '%s\n' "$good" >b.jsonl
git add b.jsonl
check_ "what is committed already is not checked" 0 "" --staged

oid=$(printf '%s\n' "$broken" | sha256sum | cut -c1-64)
dir=.git/lfs/objects/$(echo "$oid" | cut -c1-2)/$(echo "$oid" | cut -c3-4)
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n' \
	"$oid" "$(printf '%s\n' "$broken" | wc -c)" >lfs.jsonl
git add lfs.jsonl
check_ "a staged pointer without its object" 1 "lfs.jsonl:1:1: GIT001" --staged
check_ "a pointer without its object" 1 "lfs.jsonl:1:1: GIT001" lfs.jsonl
mkdir -p "$dir" && printf '%s\n' "$broken" >"$dir/$oid"
check_ "a staged pointer is followed to its object" 1 "lfs.jsonl:1:" --staged --ignore GIT
check_ "a pointer is followed to its object" 1 "lfs.jsonl:1:" --ignore GIT lfs.jsonl
cd "$work" || exit 2
check_ "outside a repository --staged says so" 2 "not in a git repository" \
	--staged
exit $status
