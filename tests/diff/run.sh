#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# turnlint diff on real repositories with known edits.  UPDATE=1 rewrites the
# golden texts in expected/.
set -u
here=$PWD/tests/diff
bin=$PWD/$1/turnlint

if ! command -v git >/dev/null 2>&1 || ! command -v python3 >/dev/null 2>&1; then
	echo "ok - diff # SKIP git and python3 are needed"
	exit 0
fi
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
export HOME="$work/home" XDG_CONFIG_HOME="$work/home" GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
export GIT_AUTHOR_DATE=2024-01-01T00:00:00Z GIT_COMMITTER_DATE=2024-01-01T00:00:00Z
export GIT_CEILING_DIRECTORIES="$work"
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
mkdir "$work/home" "$work/tok"
git config --global init.defaultBranch main
git config --global protocol.file.allow always
python3 "$here/tokenizer.py" "$work/tok"
status=0

diff_() { # turnlint diff with a recipe whose tokens are bytes
	"$bin" diff --tokenizer "$work/tok/tokenizer.json" \
		--template "$work/tok/chat.jinja" "$@" \
		>"$work/out" 2>"$work/err" </dev/null
	rc=$?
	cat "$work/err" >>"$work/out"
}

fails() { # NAME: not ok, with the output
	status=1
	echo "not ok - $1"
	sed 's/^/# /' "$work/out" | head -40
}

# expect NAME STATUS PATTERN...; a pattern with ! in front must not occur
expect() {
	name=$1 want=$2
	shift 2
	bad=0
	[ "$rc" -eq "$want" ] || { bad=1; echo "status $rc, not $want" >>"$work/out"; }
	for p in "$@"; do
		case $p in
		!*) ! grep -qF -e "${p#!}" "$work/out" || { bad=1; echo "unwanted: ${p#!}" >>"$work/out"; } ;;
		*) grep -qF -e "$p" "$work/out" || { bad=1; echo "missing: $p" >>"$work/out"; } ;;
		esac
	done
	if [ $bad -eq 0 ]; then echo "ok - $name"; else fails "$name"; fi
}

golden() { # NAME: the last output is expected/NAME
	[ -z "${UPDATE:-}" ] || cp "$work/out" "$here/expected/$1"
	if diff -u "$here/expected/$1" "$work/out" >"$work/diff" 2>&1; then
		echo "ok - golden $1"
	else
		cp "$work/diff" "$work/out"
		fails "golden $1"
	fi
}

repo() { # NAME: an empty repository, entered
	cd "$work" && git init -q "$1" && cd "$1" || exit 2
}

chat() { # USER REPLY
	printf '{"messages":[{"role":"user","content":"%s"},{"role":"assistant","content":"%s"}]}\n' "$1" "$2"
}

save() { # MESSAGE: commit everything
	git add -A && git commit -qm "$1"
}

# ---- two files ---------------------------------------------------------------

cd "$here/data" || exit 2
diff_ old.jsonl new.jsonl
golden text
diff_ --stat old.jsonl new.jsonl
golden stat
diff_ --color always --only edited old.jsonl new.jsonl
golden colour
diff_ --output-format jsonl old.jsonl new.jsonl
golden jsonl
diff_ -q --output-format jsonl old.jsonl new.jsonl
python3 "$here/counts.py" old.jsonl new.jsonl <"$work/out" >"$work/said" 2>&1
rc=$?
cat "$work/said" >"$work/out"
expect "tokens and trained tokens are those counted by hand" 0

diff_ --exit-code old.jsonl old.jsonl
expect "equal files differ in nothing" 0 "!@@"
diff_ --exit-code old.jsonl new.jsonl
expect "--exit-code says 1" 1
diff_ --only moved --only removed old.jsonl new.jsonl
expect "--only narrows the records" 0 "id=b removed" "moved to" "!id=a"
diff_ --only nonsense old.jsonl new.jsonl
expect "--only names what it takes" 2 "added, removed, edited"
diff_ --ignore-order old.jsonl new.jsonl
expect "--ignore-order forgets moves" 0 "!moved to" "id=a turn 1"
diff_ --ignore-metadata --only metadata --only edited old.jsonl new.jsonl
expect "--ignore-metadata forgets what training does not read" 0 "!id=g" "id=a turn 1"
diff_ old.jsonl "$work/none.jsonl"
expect "a missing file is named" 2 "none.jsonl"
chat a b >"$work/x.jsonl"
gzip -k "$work/x.jsonl"
diff_ --exit-code "$work/x.jsonl.gz" "$work/x.jsonl"
expect "compressed and plain are the same records" 0 "!@@"
gzip -kc new.jsonl >"$work/new.jsonl.gz"
gzip -kc old.jsonl >"$work/old.jsonl.gz"
diff_ "$work/old.jsonl.gz" "$work/new.jsonl.gz"
sed "s|$work/||; s|\.gz||" "$work/out" | diff -u "$here/expected/text" - >"$work/diff"
rc=$?
cp "$work/diff" "$work/out"
expect "two compressed files compare like plain ones" 0
mkfifo "$work/pipe"
cat old.jsonl >"$work/pipe" &
diff_ "$work/pipe" new.jsonl
expect "a pipe can be compared" 0 "id=a turn 1" "id=b removed"
: >"$work/empty.jsonl"
diff_ "$work/empty.jsonl" "$work/x.jsonl"
expect "an empty side has no records" 0 "added" "+user: a"
python3 - "$work" <<'EOF'
import json, sys
rows = [json.loads(l) for l in open("old.jsonl") if not l.startswith('{"broken')]
json.dump(rows, open(sys.argv[1] + "/array.json", "w"))
open(sys.argv[1] + "/lines.jsonl", "w").writelines(json.dumps(r) + "\n" for r in rows)
EOF
diff_ --exit-code "$work/array.json" "$work/lines.jsonl"
expect "an array and lines hold the same records" 0 "!@@"

n=0
seed=1
while [ $seed -le 25 ]; do
	python3 "$here/edits.py" $seed "$work/o.jsonl" "$work/n.jsonl"
	diff_ -q --output-format jsonl "$work/o.jsonl" "$work/n.jsonl"
	python3 "$here/counts.py" "$work/o.jsonl" "$work/n.jsonl" <"$work/out" >"$work/said" 2>&1 &&
		python3 "$here/apply.py" "$work/o.jsonl" "$work/n.jsonl" <"$work/out" >>"$work/said" 2>&1 ||
		{ n=$((n + 1)); tail -3 "$work/said"; echo "seed $seed"; } >"$work/bad"
	diff_ "$work/o.jsonl" "$work/n.jsonl"
	! LC_ALL=C grep -q "$(printf '\033')" "$work/out" || { n=$((n + 1)); echo "seed $seed: raw escape" >"$work/bad"; }
	seed=$((seed + 1))
done
[ $n -eq 0 ] || cp "$work/bad" "$work/out"
rc=$n
expect "random edits are listed in full, counted right, never printed raw" 0

# ---- revisions ------------------------------------------------------------------

repo basic
chat one 1 >a.jsonl
git add .
diff_ --cached
expect "before the first commit all is added" 0 "--- /dev/null" "+++ b/a.jsonl" "+user: one"
diff_ HEAD
expect "before the first commit HEAD is empty" 0 "+user: one"
save 1
chat one 2 >a.jsonl
git add .
chat one 3 >a.jsonl
diff_
expect "nothing: index and worktree" 0 "-2" "+3"
diff_ --cached
expect "--cached: HEAD and index" 0 "-1" "+2"
diff_ --staged
expect "--staged: the same" 0 "-1" "+2"
diff_ HEAD
expect "REV: revision and worktree" 0 "-1" "+3"
save 3
diff_ HEAD~1 HEAD
expect "A B: two revisions" 0 "-1" "+3"
diff_ HEAD..HEAD~1
expect "A..B: two revisions" 0 "-3" "+1"
diff_ HEAD~1:a.jsonl HEAD:a.jsonl
expect "REV:path: two blobs" 0 "--- HEAD~1:a.jsonl" "-1" "+3"
diff_ HEAD~1:a.jsonl a.jsonl
expect "a blob and a file" 0 "+++ a.jsonl" "-1" "+3"
git checkout -q --detach HEAD~1
diff_ main
expect "a detached HEAD" 0 "-3" "+1"
git checkout -q main
diff_ nope
expect "an unknown revision is named" 2 "nope is neither a revision nor a file"
git branch a.jsonl
diff_ a.jsonl
expect "a name that is both is refused" 2 "both a revision and a file"
diff_ a.jsonl --
expect "-- tells a revision" 0 "!@@"
diff_ HEAD~1 -- a.jsonl
expect "-- tells a file" 0 "-1" "+3"
diff_ --cached HEAD HEAD~1
expect "--cached takes one revision" 2 "too many revisions"
git branch -q -D a.jsonl
mkdir sub
chat deep 1 >sub/b.jsonl
save sub
chat deep 2 >sub/b.jsonl
chat one 4 >a.jsonl
cd sub || exit 2
diff_ -- b.jsonl
expect "paths are seen from the current folder" 0 "b/sub/b.jsonl" "!b/a.jsonl"
diff_ ..
expect "a folder means all below it" 0 "b/sub/b.jsonl" "b/a.jsonl" "# 2 files:"
diff_ -- ../../x.jsonl
expect "a path outside is refused" 2 "outside the repository"
diff_ --name-only
expect "--name-only" 0 "sub/b.jsonl" "!@@"
cd "$work" || exit 2
diff_
expect "outside a repository it says so" 2 "not in a git repository" "name two files"

repo rest
chat one 1 >gone.jsonl
: >empty.jsonl
chat li 1 >target.jsonl
ln -s target.jsonl link.jsonl
seq 40 | while read -r i; do chat "question $i" "answer $i"; done >old-name.jsonl
chat sp 1 >"ü spaced name.jsonl"
chat da 1 >./-dash.jsonl
printf '{"name": "x"}\n' >package.json
echo text >readme.md
save 1
rm gone.jsonl link.jsonl
ln -s old.jsonl link.jsonl
git mv old-name.jsonl new-name.jsonl
seq 40 | while read -r i; do chat "question $i" "answer $((i + i / 40))"; done >new-name.jsonl
chat sp 2 >"ü spaced name.jsonl"
chat da 2 >./-dash.jsonl
: >empty2.jsonl
echo more >>readme.md
save 2
diff_ HEAD~1 HEAD
expect "a deleted file" 0 "--- a/gone.jsonl" "+++ /dev/null" "-user: one"
expect "an empty file" 0 "+++ b/empty2.jsonl" "# no record changed"
expect "a symbolic link is not followed" 0 "was a symbolic link to target.jsonl, is a symbolic link to old.jsonl"
expect "a renamed file is compared with itself" 0 "--- a/old-name.jsonl" "+++ b/new-name.jsonl" "-answer 40" "+answer 41" "!answer 39"
expect "odd names" 0 "+++ b/ü spaced name.jsonl" "+++ b/-dash.jsonl"
expect "other files are left out, and that is said" 0 "left out" "!readme.md"
diff_ --stat HEAD~1 HEAD
expect "--stat of several files" 0 "old-name.jsonl → new-name.jsonl  40 → 40 records  +0 -0 ~1 edited" "empty2.jsonl  no record changed" "files  "
diff_ HEAD~1 HEAD -- -dash.jsonl
expect "a name that begins with a dash" 0 "-1" "+2"

repo conflict
chat one 1 >f.jsonl
save 1
git checkout -qb side
chat one s >f.jsonl
save s
git checkout -q main
chat one m >f.jsonl
save m
git merge side >/dev/null 2>&1
diff_
expect "a file in conflict says how to see it" 2 "merge conflicts" ":2:f.jsonl :3:f.jsonl"
diff_ :2:f.jsonl :3:f.jsonl
expect "both sides of a conflict" 0 "-m" "+s"

cd "$work" && git clone -q --bare basic bare.git && cd bare.git || exit 2
diff_ main~2 main~1
expect "a bare repository has revisions" 0 "-1" "+3"
diff_
expect "a bare repository has no worktree" 2 "name two revisions"
cd "$work" && git clone -q --depth 1 "file://$work/basic" shallow && cd shallow || exit 2
diff_ HEAD~1
expect "a shallow clone says how to get more" 2 "fetch-depth: 0"
cd "$work/basic" && git checkout -q -f main && git worktree add -q "$work/second" && cd "$work/second" || exit 2
chat one 9 >a.jsonl
git add .
diff_ --cached
expect "a second worktree has its own index" 0 "+9"
git init -q --object-format=sha256 "$work/sha256" && cd "$work/sha256" || exit 2
diff_
expect "SHA-256 names are refused by name" 2 "SHA-256"
if [ "$(id -u)" = 0 ]; then
	git init -q "$work/other" && chown -R 1 "$work/other" && cd "$work/other" || exit 2
	diff_
	expect "a repository of another user: the cure is named" 2 "safe.directory"
else
	echo "ok - a repository of another user # SKIP needs root"
fi

# ---- LFS -------------------------------------------------------------------------

pointer() { # FILE: its pointer; the object goes to $store
	oid=$(sha256sum <"$1" | cut -c1-64)
	dir=$store/objects/$(echo "$oid" | cut -c1-2)/$(echo "$oid" | cut -c3-4)
	mkdir -p "$dir" && cp "$1" "$dir/$oid"
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n' \
		"$oid" "$(wc -c <"$1")"
}

repo lfs
store=$work/lfs/.git/lfs
chat big 1 >"$work/v1"
chat big 2 >"$work/v2"
pointer "$work/v1" >f.jsonl
save 1
pointer "$work/v2" >f.jsonl
save 2
diff_ HEAD~1 HEAD
expect "LFS objects are compared, not pointers" 0 "-1" "+2" "!oid"
cp "$work/v2" f.jsonl
diff_ --exit-code HEAD
expect "a checked out LFS file equals its pointer" 0 "!@@"
git show HEAD:f.jsonl >"$work/lfs/pointer.jsonl"
diff_ "$work/v1" pointer.jsonl
expect "a pointer named as a file stands for its data" 0 "-1" "+2"
mv "$store" "$work/elsewhere"
diff_ "$work/v1" pointer.jsonl
expect "one without its object is GIT001" 2 "GIT001"
diff_ HEAD~1 HEAD
expect "a missing LFS object is GIT001 with the command" 2 "GIT001" "git lfs pull --include='f.jsonl'"
git config lfs.storage "$work/elsewhere"
diff_ HEAD~1 HEAD
expect "lfs.storage is honoured" 0 "-1" "+2"
exit $status
