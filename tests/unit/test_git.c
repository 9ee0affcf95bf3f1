/* SPDX-License-Identifier: Apache-2.0 */
/* Repositories are made by the git program; without it the tests are
 * skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "git/repo.h"

#define OID "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
#define POINTER                                        \
	"version https://git-lfs.github.com/spec/v1\n" \
	"oid sha256:" OID "\n"                         \
	"size 3\n"

static struct tl_arena *arena;
#define FOLDER "/tmp/turnlint-git-XXXXXX"
static char folder[] = FOLDER;
static char home[4096];
static bool has_git;

/* Shell lines in the test folder; they must succeed. */
static void
sh(const char *script)
{
	char *cmd = tl_arena_printf(arena,
	    "set -e; cd %s; export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 "
	    "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a "
	    "GIT_COMMITTER_EMAIL=a@b; git() { command git -c "
	    "init.defaultBranch=main -c protocol.file.allow=always \"$@\"; }\n"
	    "%s",
	    folder, script);

	assert_int_equal(system(cmd), 0);
}

/* Each test starts in an empty folder that is no repository. */
static int
setup(void **state)
{
	(void)state;
	arena = tl_arena_new(NULL, NULL);
	memcpy(folder, FOLDER, sizeof(folder));
	assert_non_null(getcwd(home, sizeof(home)));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	setenv("HOME", folder, 1);
	setenv("XDG_CONFIG_HOME", folder, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	unsetenv("GIT_DIR");
	unsetenv("GIT_INDEX_FILE");
	unsetenv("GIT_WORK_TREE");
	return 0;
}

static int
teardown(void **state)
{
	char cmd[64];

	(void)state;
	assert_int_equal(chdir(home), 0);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", folder);
	assert_int_equal(system(cmd), 0);
	tl_arena_free(arena);
	return 0;
}

#define NEEDS_GIT()             \
	do {                    \
		(void)state;    \
		if (!has_git)   \
			skip(); \
	} while (0)

static struct tl_repo *
open_here(void)
{
	struct tl_repo *r;
	struct tl_error err = { .message = "" };

	if (tl_repo_open(arena, NULL, &r, &err) != TL_OK)
		fail_msg("%s", err.message);
	return r;
}

static struct tl_tree_pair
resolve(struct tl_repo *r, bool is_cached, const char *one, const char *two)
{
	const char *revs[] = { one, two };
	struct tl_tree_pair pair;
	struct tl_error err = { .message = "" };

	if (tl_repo_resolve(r, arena, revs,
		two != NULL	  ? 2
		    : one != NULL ? 1
				  : 0,
		is_cached, &pair, &err) != TL_OK)
		fail_msg("%s", err.message);
	return pair;
}

/* "M path" lines; R for a rename with both names. */
static const char *
changes(struct tl_repo *r, const struct tl_tree_pair *pair, const char *path)
{
	static const char letters[] = "ADMRTU";
	tl_str paths[1] = { tl_str_from(path) };
	struct tl_change *list;
	struct tl_error err = { .message = "" };
	size_t n;
	const char *s = "";

	if (tl_repo_changes(
		r, arena, pair, paths, path != NULL, &list, &n, &err) != TL_OK)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < n; i++) {
		const struct tl_change *c = &list[i];
		bool is_rename = c->kind == TL_CHANGE_RENAMED;

		s = tl_arena_printf(arena, "%s%s%c %s%s%s", s,
		    i > 0 ? "\n" : "", letters[c->kind],
		    is_rename ? c->old_path.ptr : "", is_rename ? " > " : "",
		    tl_arena_cstr(arena, c->new_path));
	}
	return s;
}

static tl_str
content(struct tl_repo *r, const struct tl_tree *tree, const char *path)
{
	struct tl_content c;
	struct tl_error err = { .message = "" };
	tl_str mapped;

	if (tl_repo_read(r, arena, tree, tl_str_from(path), 0, &c, &err) !=
	    TL_OK)
		fail_msg("%s", err.message);
	if (c.disk_path == NULL)
		return c.bytes;
	assert_int_equal(tl_git_map(arena, c.disk_path, &mapped, NULL), TL_OK);
	return mapped;
}

#define ASSERT_CONTENT(r, tree, path, want) \
	assert_string_equal(tl_arena_cstr(arena, content(r, tree, path)), want)

static void
assert_refused(enum tl_status want, const char *words)
{
	struct tl_repo *r;
	struct tl_error err = { .message = "" };

	assert_int_equal(tl_repo_open(arena, NULL, &r, &err), want);
	if (strstr(err.message, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err.message);
}

/* --- opening ---------------------------------------------------------------
 */

static void
outside_a_repository_is_said(void **state)
{
	(void)state;
	setenv("GIT_CEILING_DIRECTORIES", "/tmp", 1);
	assert_refused(TL_ENOENT, "not in a git repository");
	unsetenv("GIT_CEILING_DIRECTORIES");
}

static void
sha256_names_are_refused_by_name(void **state)
{
	NEEDS_GIT();
	sh("git init -q --object-format=sha256 .");
	assert_refused(TL_EUNSUPPORTED, "SHA-256");
}

static void
another_owner_is_refused_with_the_cure(void **state)
{
	NEEDS_GIT();
	if (geteuid() != 0)
		skip();
	sh("git init -q . && chown -R 1 .");
	assert_refused(TL_EUNSUPPORTED, "safe.directory");
	sh("git config --global safe.directory \"$PWD\"");
	(void)open_here();
}

static void
a_repository_is_found_from_below(void **state)
{
	struct tl_repo *r;

	NEEDS_GIT();
	sh("git init -q . && mkdir -p a/b && echo x >a/b/f && git add . && "
	   "git commit -qm 1");
	assert_int_equal(chdir("a/b"), 0);
	r = open_here();
	assert_false(tl_repo_is_bare(r));
	assert_int_equal(tl_repo_open(arena, "f", &r, NULL), TL_OK);
}

static void
paths_are_seen_from_the_current_folder(void **state)
{
	struct tl_repo *r;
	tl_str path;
	static const char *const cases[][2] = { { "f", "a/b/f" },
		{ "./f", "a/b/f" }, { "../../f", "f" }, { ".", "a/b" },
		{ "../..", "" }, { "..//b/./f", "a/b/f" }, { "/nowhere", NULL },
		{ "../../..", NULL } };

	NEEDS_GIT();
	sh("git init -q . && mkdir -p a/b");
	assert_int_equal(chdir("a/b"), 0);
	r = open_here();
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		enum tl_status st =
		    tl_repo_path(r, arena, cases[i][0], &path, NULL);

		assert_int_equal(st, cases[i][1] != NULL ? TL_OK : TL_ENOENT);
		if (cases[i][1] != NULL)
			assert_string_equal(
			    tl_arena_cstr(arena, path), cases[i][1]);
	}
}

/* --- revisions --------------------------------------------------------------
 */

static void
the_grammar_is_that_of_git_diff(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	sh("git init -q . && echo 1 >f && git add . && git commit -qm 1 && "
	   "git checkout -qb side && echo s >f && git commit -qam s && "
	   "git checkout -q main && echo 2 >f && git commit -qam 2 && "
	   "echo staged >f && git add f && echo worktree >f");
	r = open_here();
	p = resolve(r, false, NULL, NULL);
	ASSERT_CONTENT(r, &p.old, "f", "staged\n");
	ASSERT_CONTENT(r, &p.new_, "f", "worktree\n");
	p = resolve(r, true, NULL, NULL);
	ASSERT_CONTENT(r, &p.old, "f", "2\n");
	ASSERT_CONTENT(r, &p.new_, "f", "staged\n");
	p = resolve(r, true, "HEAD~1", NULL);
	ASSERT_CONTENT(r, &p.old, "f", "1\n");
	p = resolve(r, false, "HEAD~1", NULL);
	ASSERT_CONTENT(r, &p.old, "f", "1\n");
	ASSERT_CONTENT(r, &p.new_, "f", "worktree\n");
	p = resolve(r, false, "side", "main");
	ASSERT_CONTENT(r, &p.old, "f", "s\n");
	ASSERT_CONTENT(r, &p.new_, "f", "2\n");
	p = resolve(r, false, "main..side", NULL);
	ASSERT_CONTENT(r, &p.old, "f", "2\n");
	ASSERT_CONTENT(r, &p.new_, "f", "s\n");
	p = resolve(r, false, "main...side", NULL);
	ASSERT_CONTENT(r, &p.old, "f", "1\n");
	ASSERT_CONTENT(r, &p.new_, "f", "s\n");
	p = resolve(r, false, "..side", NULL);
	ASSERT_CONTENT(r, &p.old, "f", "2\n");
	assert_true(tl_repo_is_revision(r, "main...side"));
	assert_false(tl_repo_is_revision(r, "../f"));
	assert_false(tl_repo_is_revision(r, "f"));
}

static void
wrong_revisions_are_named(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;
	struct tl_error err = { .message = "" };
	const char *revs[] = { "nope", "b", "c" };

	NEEDS_GIT();
	sh("git init -q . && echo 1 >f && git add . && git commit -qm 1");
	r = open_here();
	assert_int_equal(
	    tl_repo_resolve(r, arena, revs, 1, false, &p, &err), TL_ENOENT);
	assert_non_null(strstr(err.message, "nope"));
	assert_int_equal(
	    tl_repo_resolve(r, arena, revs, 3, false, &p, &err), TL_ECONFIG);
	revs[0] = "HEAD..HEAD";
	assert_int_equal(
	    tl_repo_resolve(r, arena, revs, 1, true, &p, &err), TL_ECONFIG);
}

static void
before_the_first_commit_head_is_empty(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	sh("git init -q . && echo 1 >f && git add f");
	r = open_here();
	p = resolve(r, true, NULL, NULL);
	assert_int_equal(p.old.kind, TL_TREE_EMPTY);
	assert_string_equal(changes(r, &p, NULL), "A f");
}

static void
a_bare_repository_has_revisions_only(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;
	struct tl_error err;

	NEEDS_GIT();
	sh("git init -q w && cd w && echo 1 >f && git add . && git commit -qm "
	   "1 && echo 2 >f && git commit -qam 2 && cd .. && git clone -q "
	   "--bare w b.git");
	assert_int_equal(chdir("b.git"), 0);
	r = open_here();
	assert_true(tl_repo_is_bare(r));
	p = resolve(r, false, "HEAD~1", "HEAD");
	assert_string_equal(changes(r, &p, NULL), "M f");
	assert_int_equal(tl_repo_resolve(r, arena, NULL, 0, false, &p, &err),
	    TL_EUNSUPPORTED);
}

static void
a_shallow_clone_says_how_to_get_more(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;
	struct tl_error err = { .message = "" };
	const char *revs[] = { "HEAD~1" };

	NEEDS_GIT();
	sh("git init -q w && cd w && echo 1 >f && git add . && git commit -qm "
	   "1 && echo 2 >f && git commit -qam 2 && cd .. && git clone -q "
	   "--depth 1 file://$PWD/w s");
	assert_int_equal(chdir("s"), 0);
	r = open_here();
	assert_true(tl_repo_is_shallow(r));
	assert_int_equal(
	    tl_repo_resolve(r, arena, revs, 1, false, &p, &err), TL_ENOENT);
	assert_non_null(strstr(err.message, "fetch-depth: 0"));
}

static void
blob_names_are_read(void **state)
{
	struct tl_repo *r;
	struct tl_blob_name b;

	NEEDS_GIT();
	sh("git init -q . && mkdir d && echo 1 >d/f && git add . && git commit "
	   "-qm 1 && echo 2 >d/f && git add .");
	assert_int_equal(chdir("d"), 0);
	r = open_here();
	assert_int_equal(
	    tl_repo_blob_name(r, arena, "HEAD:d/f", &b, NULL), TL_OK);
	ASSERT_CONTENT(r, &b.tree, tl_arena_cstr(arena, b.path), "1\n");
	assert_int_equal(
	    tl_repo_blob_name(r, arena, "HEAD:./f", &b, NULL), TL_OK);
	ASSERT_CONTENT(r, &b.tree, tl_arena_cstr(arena, b.path), "1\n");
	assert_int_equal(tl_repo_blob_name(r, arena, ":d/f", &b, NULL), TL_OK);
	ASSERT_CONTENT(r, &b.tree, tl_arena_cstr(arena, b.path), "2\n");
	assert_int_equal(
	    tl_repo_blob_name(r, arena, "d/f", &b, NULL), TL_ENOENT);
	assert_int_equal(
	    tl_repo_blob_name(r, arena, "no:d/f", &b, NULL), TL_ENOENT);
}

static void
stages_of_a_conflict_can_be_read(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;
	struct tl_blob_name b;
	struct tl_content c;

	NEEDS_GIT();
	sh("git init -q . && echo 1 >f && git add . && git commit -qm 1 && "
	   "git checkout -qb side && echo s >f && git commit -qam s && "
	   "git checkout -q main && echo 2 >f && git commit -qam 2 && "
	   "! git merge side >/dev/null 2>&1");
	r = open_here();
	p = resolve(r, false, NULL, NULL);
	assert_string_equal(changes(r, &p, NULL), "U f");
	assert_int_equal(tl_repo_blob_name(r, arena, ":3:f", &b, NULL), TL_OK);
	assert_int_equal(b.stage, 3);
	assert_int_equal(
	    tl_repo_read(r, arena, &b.tree, b.path, 3, &c, NULL), TL_OK);
	assert_memory_equal(c.bytes.ptr, "s\n", 2);
}

/* --- changed files -----------------------------------------------------------
 */

static void
renames_deletions_and_links_are_listed(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	sh("git init -q . && seq 100 >old.jsonl && echo x >gone && echo l "
	   ">link && echo s >same && git add . && git commit -qm 1 && git mv "
	   "old.jsonl new.jsonl && seq 2 101 >new.jsonl && rm gone link && ln "
	   "-s same link && git add -A && git commit -qm 2");
	r = open_here();
	p = resolve(r, false, "HEAD~1", "HEAD");
	assert_string_equal(
	    changes(r, &p, NULL), "D gone\nT link\nR old.jsonl > new.jsonl");
	assert_string_equal(
	    changes(r, &p, "old.jsonl"), "R old.jsonl > new.jsonl");
	assert_string_equal(
	    changes(r, &p, "*.jsonl"), "R old.jsonl > new.jsonl");
	assert_string_equal(changes(r, &p, "same"), "");
	ASSERT_CONTENT(r, &p.new_, "link", "same");
}

static void
odd_names_are_kept(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	sh("git init -q . && mkdir 'a b' && echo 1 >'a b/ü \"q\".jsonl' && "
	   "echo "
	   "1 >./-x.jsonl && echo 1 >'[y].jsonl' && git add . && git commit "
	   "-qm 1 && echo 2 >'a b/ü \"q\".jsonl' && echo 2 >./-x.jsonl && echo "
	   "2 >'[y].jsonl'");
	r = open_here();
	p = resolve(r, false, NULL, NULL);
	assert_string_equal(changes(r, &p, NULL),
	    "M -x.jsonl\nM [y].jsonl\nM a b/ü \"q\".jsonl");
	assert_string_equal(changes(r, &p, "[y].jsonl"), "M [y].jsonl");
	assert_string_equal(changes(r, &p, "a b"), "M a b/ü \"q\".jsonl");
	ASSERT_CONTENT(r, &p.old, "-x.jsonl", "1\n");
	ASSERT_CONTENT(r, &p.new_, "a b/ü \"q\".jsonl", "2\n");
}

static void
untracked_and_left_out_files_are_no_changes(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	sh("git init -q . && mkdir in out && echo 1 >in/f && echo 1 >out/f && "
	   "git add . && git commit -qm 1 && git sparse-checkout set in "
	   ">/dev/null 2>&1 && echo u >untracked && test ! -e out/f");
	r = open_here();
	p = resolve(r, false, NULL, NULL);
	assert_string_equal(changes(r, &p, NULL), "");
	p = resolve(r, false, "HEAD", NULL);
	assert_string_equal(changes(r, &p, NULL), "");
}

static void
a_second_worktree_has_its_own_index(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	sh("git init -q w && cd w && echo 1 >f && git add . && git commit -qm "
	   "1 && git worktree add -q ../second && cd ../second && echo 2 >f "
	   "&& git add f");
	assert_int_equal(chdir("second"), 0);
	r = open_here();
	p = resolve(r, true, NULL, NULL);
	assert_string_equal(changes(r, &p, NULL), "M f");
	assert_int_equal(chdir("../w"), 0);
	r = open_here();
	p = resolve(r, true, NULL, NULL);
	assert_string_equal(changes(r, &p, NULL), "");
}

static void
the_index_a_hook_is_given_is_used(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	sh("git init -q . && echo 1 >f && git add . && git commit -qm 1 && cp "
	   ".git/index other && echo 2 >f && GIT_INDEX_FILE=other git add f");
	setenv("GIT_INDEX_FILE", "other", 1);
	r = open_here();
	p = resolve(r, true, NULL, NULL);
	assert_string_equal(changes(r, &p, NULL), "M f");
	unsetenv("GIT_INDEX_FILE");
}

static void
folders_and_patterns_match(void **state)
{
	static const struct {
		const char *path, *spec;
		bool want;
	} cases[] = { { "a/b", "a", true }, { "a/b", "a/", true },
		{ "ab", "a", false }, { "a/b", "", true }, { "a", "a", true },
		{ "a/b.jsonl", "*.jsonl", true }, { "a/b", "a/?", true },
		{ "a/b", "b", false } };

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++)
		assert_int_equal(
		    tl_git_path_matches(arena, tl_str_from(cases[i].path),
			tl_str_from(cases[i].spec)),
		    cases[i].want);
}

/* --- LFS
 * ----------------------------------------------------------------------- */

static void
pointers_are_told_from_data(void **state)
{
	struct tl_lfs_pointer p;
	static const char *const not_pointers[] = { "", "{}",
		"version https://git-lfs.github.com/spec/v1\n",
		"version https://git-lfs.github.com/spec/v1\nsize 3\n",
		"version https://git-lfs.github.com/spec/v1\noid sha256:"
		"../../../../etc/passwd\nsize 3\n",
		"version https://git-lfs.github.com/spec/v1\noid "
		"sha256:" OID "0\nsize 3\n",
		"version https://git-lfs.github.com/spec/v1\noid "
		"sha256:" OID "\nsize -3\n" };

	(void)state;
	assert_true(tl_lfs_parse(tl_str_from(POINTER), &p));
	assert_int_equal(p.size, 3);
	assert_memory_equal(p.oid.ptr, OID, 64);
	for (size_t i = 0; i < TL_COUNT(not_pointers); i++)
		assert_false(tl_lfs_parse(tl_str_from(not_pointers[i]), &p));
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

#define OBJECT "objects/4d/7a/" OID

static void
an_lfs_object_is_found_or_asked_for(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;
	struct tl_content c;

	NEEDS_GIT();
	write_file("f", POINTER);
	sh("git init -q . && git add f && git commit -qm 1");
	r = open_here();
	p = resolve(r, false, "HEAD", NULL);
	assert_int_equal(
	    tl_repo_read(r, arena, &p.old, TL_STR("f"), 0, &c, NULL), TL_OK);
	assert_true(c.is_lfs_missing);
	assert_non_null(strstr(c.lfs_why, "git lfs pull"));

	sh("mkdir -p .git/lfs/objects/4d/7a && printf ab >.git/lfs/" OBJECT);
	assert_int_equal(
	    tl_repo_read(r, arena, &p.old, TL_STR("f"), 0, &c, NULL), TL_OK);
	assert_true(c.is_lfs_missing);
	assert_non_null(strstr(c.lfs_why, "has 2 bytes"));

	sh("printf abc >.git/lfs/" OBJECT);
	assert_int_equal(
	    tl_repo_read(r, arena, &p.old, TL_STR("f"), 0, &c, NULL), TL_OK);
	assert_true(c.was_lfs);
	ASSERT_CONTENT(r, &p.old, "f", "abc");
	ASSERT_CONTENT(r, &p.new_, "f", "abc"); /* a pointer on disk, too */
}

static void
lfs_storage_can_be_elsewhere_and_is_shared(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	write_file("pointer", POINTER);
	sh("git init -q w && cd w && cp ../pointer f && git add f && git "
	   "commit -qm 1 && git worktree add -q ../second && git config "
	   "lfs.storage store && mkdir -p .git/store/objects/4d/7a && printf "
	   "abc >.git/store/" OBJECT);
	assert_int_equal(chdir("second"), 0);
	r = open_here();
	p = resolve(r, false, "HEAD", NULL);
	ASSERT_CONTENT(r, &p.old, "f", "abc");
	sh("cd w && mkdir ../far && mv .git/store/objects ../far/ && git "
	   "config lfs.storage $PWD/../far");
	r = open_here();
	ASSERT_CONTENT(r, &p.old, "f", "abc");
}

static void
the_empty_file_needs_no_object(void **state)
{
	struct tl_repo *r;
	struct tl_tree_pair p;

	NEEDS_GIT();
	sh("git init -q . && : >f && git add -N f");
	r = open_here();
	p = resolve(r, false, NULL, NULL);
	assert_int_equal(content(r, &p.old, "f").len, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(outside_a_repository_is_said),
		TEST(sha256_names_are_refused_by_name),
		TEST(another_owner_is_refused_with_the_cure),
		TEST(a_repository_is_found_from_below),
		TEST(paths_are_seen_from_the_current_folder),
		TEST(the_grammar_is_that_of_git_diff),
		TEST(wrong_revisions_are_named),
		TEST(before_the_first_commit_head_is_empty),
		TEST(a_bare_repository_has_revisions_only),
		TEST(a_shallow_clone_says_how_to_get_more),
		TEST(blob_names_are_read),
		TEST(stages_of_a_conflict_can_be_read),
		TEST(renames_deletions_and_links_are_listed),
		TEST(odd_names_are_kept),
		TEST(untracked_and_left_out_files_are_no_changes),
		TEST(a_second_worktree_has_its_own_index),
		TEST(the_index_a_hook_is_given_is_used),
		TEST(folders_and_patterns_match),
		TEST(pointers_are_told_from_data),
		TEST(an_lfs_object_is_found_or_asked_for),
		TEST(lfs_storage_can_be_elsewhere_and_is_shared),
		TEST(the_empty_file_needs_no_object),
	};

	has_git = system("git --version >/dev/null 2>&1") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
