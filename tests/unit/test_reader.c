/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include <turnlint/buf.h>
#include <turnlint/limits.h>
#include <turnlint/record.h>

struct fixture {
	struct tl_arena *arena;
	struct tl_reader *r;
	char path[64];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = tl_arena_new(NULL, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tl_arena_free(f->arena);
	if (f->path[0] != '\0')
		unlink(f->path);
	free(f);
	return 0;
}

static const struct tl_file *
open_mem(struct fixture *f, const char *name, tl_str bytes)
{
	assert_int_equal(
	    tl_reader_open_mem(f->arena, tl_str_from(name), bytes, &f->r, NULL),
	    TL_OK);
	return tl_reader_file(f->r);
}

static bool
next(struct fixture *f, struct tl_record *rec)
{
	enum tl_status st = tl_reader_next(f->r, f->arena, rec, NULL);

	if (st == TL_OK)
		return true;
	assert_int_equal(st, TL_EEND);
	return false;
}

static void
assert_str(tl_str got, tl_str want)
{
	if (!tl_str_eq(got, want))
		fail_msg("\"%.*s\" is not \"%.*s\"", (int)got.len, got.ptr,
		    (int)want.len, want.ptr);
}

/* The records must be exactly these texts, separated by NUL and ended by an
 * empty one. */
static void
assert_records(struct fixture *f, const char *want)
{
	struct tl_record rec;

	for (; *want != '\0'; want += strlen(want) + 1) {
		if (!next(f, &rec))
			fail_msg("no record, but %s was expected", want);
		assert_str(rec.bytes, tl_str_from(want));
	}
	if (next(f, &rec))
		fail_msg("one record too many: %.*s", (int)rec.bytes.len,
		    rec.bytes.ptr);
}

/* --- containers --- */

#define R0 "{\"text\":\"h\xc3\xa9llo [}\\\"\"}"
#define R1 "{\"a\":[1,{\"b\":\"]\"}]}"
#define R2 "{\"text\":\"\xf0\x9f\x98\x80\"}"

static const char *const records[] = { R0, R1, R2 };

struct layout {
	const char *name;
	enum tl_container container;
	/* Around and between the records; \n stands for the line ending. */
	const char *head, *between, *tail;
};

static const struct layout layouts[] = {
	{ "x.jsonl", TL_CONTAINER_JSONL, "", "\n", "\n" },
	{ "x.json", TL_CONTAINER_JSONL, "", "\n", "" },
	{ "x", TL_CONTAINER_JSONL, "  ", " \n\t", "\n" },
	{ "x.json", TL_CONTAINER_ARRAY, "[", ", ", "]" },
	{ "x.json", TL_CONTAINER_ARRAY, "[\n  ", ",\n  ", "\n]\n" },
	{ "x.json", TL_CONTAINER_ARRAY, "\n [ ", "\n,", " ]" },
	{ "x.json", TL_CONTAINER_LMFLOW, "{\"type\":\"t\",\"instances\":[", ",",
	    "]}" },
	{ "x.json", TL_CONTAINER_LMFLOW, "{\n\"instances\": [\n    ", ",\n    ",
	    "\n],\n\"x\": {\"y\": [1]},\n\"type\": \"t\"\n}\n" },
};

static tl_str
make_file(
    struct fixture *f, const struct layout *l, const char *ending, bool has_bom)
{
	const char *pieces[] = { l->head, records[0], l->between, records[1],
		l->between, records[2], l->tail };
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	if (has_bom)
		tl_buf_puts(&b, "\xef\xbb\xbf");
	for (size_t i = 0; i < TL_COUNT(pieces); i++)
		for (const char *p = pieces[i]; *p != '\0'; p++) {
			if (*p == '\n')
				tl_buf_puts(&b, ending);
			else
				tl_buf_putc(&b, *p);
		}
	return tl_buf_str(&b);
}

/* Lines and columns counted the slow way. */
static struct tl_record_pos
place_of(tl_str text, size_t offset, size_t index)
{
	struct tl_record_pos pos = { index, 1, 1, offset };

	for (size_t i = 0; i < offset; i++) {
		if (text.ptr[i] == '\n') {
			pos.line++;
			pos.column = 1;
		} else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
			/* The byte order mark takes no column. */
			pos.column += i > 0 || text.ptr[0] != '\xef';
		}
	}
	return pos;
}

static void
check_records(struct fixture *f, tl_str text)
{
	struct tl_record rec;
	size_t at = 0;

	for (size_t i = 0; i < TL_COUNT(records); i++) {
		tl_str want = tl_str_from(records[i]);
		struct tl_record_pos pos;

		assert_true(next(f, &rec));
		assert_str(rec.bytes, want);
		at = tl_str_find(text, want, at);
		pos = place_of(text, at, i);
		assert_int_equal(rec.pos.index, i);
		assert_int_equal(rec.pos.offset, pos.offset);
		assert_int_equal(rec.pos.line, pos.line);
		assert_int_equal(rec.pos.column, pos.column);
		assert_ptr_equal(rec.file, tl_reader_file(f->r));
		assert_int_equal(tl_record_parse(f->arena, &rec), TL_OK);
		at += want.len;
		assert_int_equal(rec.is_last,
		    tl_str_is_blank(tl_str_slice(text, at, text.len)));
	}
	assert_false(next(f, &rec));
}

static void
check_file(const struct tl_file *file, const struct layout *l, tl_str text,
    bool is_crlf, bool has_bom)
{
	size_t lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	assert_int_equal(file->container, l->container);
	assert_int_equal(file->nfaults, 0);
	assert_int_equal(file->nrecords, TL_COUNT(records));
	assert_int_equal(file->nbytes, text.len);
	assert_int_equal(
	    file->has_final_newline, tl_str_ends(text, TL_STR("\n")));
	assert_int_equal(file->note_counts[TL_FILE_BOM], has_bom);
	assert_int_equal(file->note_counts[TL_FILE_CRLF], is_crlf ? lines : 0);
	assert_int_equal(file->note_counts[TL_FILE_LF], is_crlf ? 0 : lines);
	assert_int_equal(file->note_counts[TL_FILE_BLANK_LINE], 0);
	if (l->container == TL_CONTAINER_LMFLOW)
		assert_str(file->lmflow_type, TL_STR("t"));
	if (lines > 0) {
		const struct tl_file_note *note =
		    &file->notes[is_crlf ? TL_FILE_CRLF : TL_FILE_LF][0];

		assert_int_equal(
		    text.ptr[note->pos.offset], is_crlf ? '\r' : '\n');
		assert_int_equal(note->len, is_crlf ? 2 : 1);
		assert_int_equal(note->pos.line, 1);
		assert_int_equal(note->pos.column,
		    place_of(text, note->pos.offset, 0).column);
	}
}

static tl_str
as_is(struct tl_arena *a, tl_str s)
{
	(void)a;
	return s;
}

/* Two members, as cat of two files makes them. */
static tl_str
as_gzip(struct tl_arena *a, tl_str s)
{
	size_t cap = 2 * (s.len + 100);
	char *out = tl_arena_bytes(a, cap);
	z_stream z = { .next_out = (unsigned char *)out,
		.avail_out = (unsigned)cap };
	size_t half = s.len / 2;

	assert_int_equal(
	    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	for (int i = 0; i < 2; i++) {
		tl_str part = i == 0 ? tl_str_slice(s, 0, half)
				     : tl_str_slice(s, half, s.len);

		z.next_in = (z_const unsigned char *)(uintptr_t)part.ptr;
		z.avail_in = (unsigned)part.len;
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		assert_int_equal(deflateReset(&z), Z_OK);
	}
	s = (tl_str){ out, cap - z.avail_out };
	deflateEnd(&z);
	return s;
}

static tl_str
as_zstd(struct tl_arena *a, tl_str s)
{
	size_t half = s.len / 2;
	size_t cap = ZSTD_compressBound(s.len) + 100;
	char *out = tl_arena_bytes(a, cap);
	size_t n = ZSTD_compress(out, cap, s.ptr, half, 3);

	n += ZSTD_compress(out + n, cap - n, s.ptr + half, s.len - half, 3);
	return (tl_str){ out, n };
}

static const struct {
	const char *name;
	tl_str (*encode)(struct tl_arena *a, tl_str s);
} encodings[] = { { NULL, as_is }, { "gzip", as_gzip }, { "zstd", as_zstd } };

/* Every container, line ending, with and without a mark, in every encoding. */
static void
containers_give_the_same_records(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(layouts) * 4 * TL_COUNT(encodings);
	     i++) {
		const struct layout *l = &layouts[i % TL_COUNT(layouts)];
		size_t how = i / TL_COUNT(layouts);
		bool is_crlf = how & 1, has_bom = how & 2;
		size_t encoding = how / 4;
		tl_str text = make_file(f, l, is_crlf ? "\r\n" : "\n", has_bom);
		const struct tl_file *file = open_mem(
		    f, l->name, encodings[encoding].encode(f->arena, text));

		check_records(f, text);
		check_file(file, l, text, is_crlf, has_bom);
		if (encodings[encoding].name == NULL)
			assert_null(file->compression);
		else
			assert_string_equal(
			    file->compression, encodings[encoding].name);
	}
}

/* --- files, pipes, seeking --- */

static void
write_file(struct fixture *f, tl_str bytes)
{
	int fd;

	snprintf(f->path, sizeof(f->path), "/tmp/turnlint-test-XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
	close(fd);
}

static void
check_seeking(struct fixture *f)
{
	struct tl_record_pos places[TL_COUNT(records)];
	struct tl_record rec;
	size_t before[TL_FILE_NOTE_KINDS];
	const struct tl_file *file = tl_reader_file(f->r);

	for (size_t i = 0; i < TL_COUNT(records); i++) {
		assert_true(next(f, &rec));
		places[i] = rec.pos;
	}
	assert_false(next(f, &rec));
	memcpy(before, file->note_counts, sizeof(before));
	for (size_t i = TL_COUNT(records); i-- > 0;) {
		assert_int_equal(tl_reader_seek(f->r, &places[i], NULL), TL_OK);
		for (size_t j = i; j < TL_COUNT(records); j++) {
			assert_true(next(f, &rec));
			assert_str(rec.bytes, tl_str_from(records[j]));
			assert_memory_equal(
			    &rec.pos, &places[j], sizeof(rec.pos));
		}
		assert_false(next(f, &rec));
	}
	assert_memory_equal(file->note_counts, before, sizeof(before));
	assert_int_equal(file->nrecords, TL_COUNT(records));
	assert_int_equal(file->nfaults, 0);
}

static void
every_record_can_be_sought(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(layouts) * TL_COUNT(encodings); i++) {
		const struct layout *l = &layouts[i % TL_COUNT(layouts)];
		tl_str text = make_file(f, l, "\n", false);
		tl_str bytes =
		    encodings[i / TL_COUNT(layouts)].encode(f->arena, text);

		open_mem(f, l->name, bytes);
		check_seeking(f);
		write_file(f, bytes);
		assert_int_equal(
		    tl_reader_open(f->arena, tl_str_from(f->path), &f->r, NULL),
		    TL_OK);
		check_seeking(f);
		unlink(f->path);
	}
}

/* Standard input is a pipe that gives the bytes one by one. */
static pid_t
feed_stdin(tl_str bytes, int *saved)
{
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		for (size_t i = 0; i < bytes.len; i++)
			if (write(ends[1], bytes.ptr + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	*saved = dup(STDIN_FILENO);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	return child;
}

static void
restore_stdin(int saved, pid_t child)
{
	dup2(saved, STDIN_FILENO);
	close(saved);
	waitpid(child, NULL, 0);
}

static void
pipes_are_read_and_can_be_kept(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(layouts) * TL_COUNT(encodings); i++) {
		const struct layout *l = &layouts[i % TL_COUNT(layouts)];
		tl_str text = make_file(f, l, "\n", false);
		int saved;
		pid_t child = feed_stdin(
		    encodings[i / TL_COUNT(layouts)].encode(f->arena, text),
		    &saved);
		struct tl_error err = { 0 };
		struct tl_record rec;

		assert_int_equal(
		    tl_reader_open(f->arena, TL_STR("-"), &f->r, NULL), TL_OK);
		assert_str(tl_reader_file(f->r)->path, TL_STR("<stdin>"));
		if (i % 2 == 0) {
			assert_int_equal(tl_reader_keep(f->r, NULL), TL_OK);
			check_seeking(f);
		} else {
			check_records(f, text);
			rec.pos = (struct tl_record_pos){ 0, 1, 1, 0 };
			assert_int_equal(tl_reader_seek(f->r, &rec.pos, &err),
			    TL_EUNSUPPORTED);
			assert_true(strlen(err.message) > 0);
		}
		restore_stdin(saved, child);
	}
}

static void
missing_and_odd_paths_are_errors(void **state)
{
	struct fixture *f = *state;
	struct tl_error err;

	assert_int_equal(
	    tl_reader_open(f->arena, TL_STR("/nonexistent/x"), &f->r, &err),
	    TL_ENOENT);
	assert_non_null(strstr(err.message, "/nonexistent/x"));
	assert_int_equal(
	    tl_reader_open(f->arena, TL_STR("/"), &f->r, &err), TL_EIO);
	assert_non_null(strstr(err.message, "directory"));
}

static void
damaged_compression_is_an_error_behind_good_records(void **state)
{
	struct fixture *f = *state;
	tl_str text = make_file(f, &layouts[0], "\n", false);
	struct tl_error err;
	struct tl_record rec;

	for (size_t i = 1; i < TL_COUNT(encodings); i++) {
		tl_str bytes = encodings[i].encode(f->arena, text);
		size_t n = 0;
		enum tl_status st;

		bytes.len -= 12;
		open_mem(f, "x.jsonl", bytes);
		while (
		    (st = tl_reader_next(f->r, f->arena, &rec, &err)) == TL_OK)
			assert_str(rec.bytes, tl_str_from(records[n++]));
		assert_int_equal(st, TL_EIO);
		assert_int_equal(tl_reader_file(f->r)->nrecords, n);
		assert_non_null(strstr(err.message, encodings[i].name));
	}
}

static void
progress_ends_at_the_size_of_the_file(void **state)
{
	struct fixture *f = *state;
	tl_str bytes =
	    as_gzip(f->arena, make_file(f, &layouts[0], "\n", false));
	struct tl_record rec;
	uint64_t done, total;

	open_mem(f, "x.jsonl.gz", bytes);
	tl_reader_progress(f->r, &done, &total);
	assert_int_equal(done, 0);
	assert_int_equal(total, bytes.len);
	while (next(f, &rec))
		continue;
	tl_reader_progress(f->r, &done, &total);
	assert_int_equal(done, total);
}

/* --- layouts that are told apart --- */

static void
layouts_are_told_apart(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name;
		const char *text;
		enum tl_container container;
		bool is_array_in_jsonl;
		const char *records;
	} cases[] = {
		{ "x.json", "{\"a\":1}", TL_CONTAINER_SINGLE, false,
		    "{\"a\":1}\0" },
		{ "x.jsonl", "{\"a\":1}\n", TL_CONTAINER_JSONL, false,
		    "{\"a\":1}\0" },
		{ "x.json", "{\n \"a\": 1\n}\n", TL_CONTAINER_SINGLE, false,
		    "{\n \"a\": 1\n}\0" },
		{ "x.jsonl", "{\n \"a\": 1\n}\n", TL_CONTAINER_SINGLE, true,
		    "{\n \"a\": 1\n}\0" },
		{ "x.jsonl.gz", "{\n\"a\": 1\n}\n{\n\"a\": 2\n}\n",
		    TL_CONTAINER_SINGLE, true,
		    "{\n\"a\": 1\n}\0{\n\"a\": 2\n}\0" },
		{ "x.jsonl", "[{\"a\":1}]", TL_CONTAINER_ARRAY, true,
		    "{\"a\":1}\0" },
		{ "x.jsonl", "[]", TL_CONTAINER_ARRAY, true, "" },
		{ "x.jsonl", "[1,2]\n", TL_CONTAINER_JSONL, false, "[1,2]\0" },
		{ "x.jsonl", "[1]\n[2]\n", TL_CONTAINER_JSONL, false,
		    "[1]\0[2]\0" },
		{ "x.json", "[1,\"a,]\",[2,3],null]", TL_CONTAINER_ARRAY, false,
		    "1\0\"a,]\"\0[2,3]\0null\0" },
		{ "x.jsonl", "1\n\"x\"\n", TL_CONTAINER_JSONL, false,
		    "1\0\"x\"\0" },
		{ "x.jsonl", "{\"a\":1}{\"b\":2}\n{}\n", TL_CONTAINER_JSONL,
		    false, "{\"a\":1}{\"b\":2}\0{}\0" },
		/* A record may have a key of that name. */
		{ "x.jsonl", "{\"instances\":[1]}\n{\"instances\":[2]}\n",
		    TL_CONTAINER_JSONL, false,
		    "{\"instances\":[1]}\0{\"instances\":[2]}\0" },
		{ "x.json", "{\"instances\":3}", TL_CONTAINER_SINGLE, false,
		    "{\"instances\":3}\0" },
		{ "x.json", "{\"m\":{\"instances\":[3]},\"instances\":[4]}",
		    TL_CONTAINER_LMFLOW, false, "4\0" },
		{ "x.json", "{\"instances\":[]}", TL_CONTAINER_LMFLOW, false,
		    "" },
		/* A broken first line does not hide the lines behind it. */
		{ "x.jsonl", "{\"a\":{\"b\":1}\n{\"c\":2}\n{\"d\":3}\n",
		    TL_CONTAINER_JSONL, false,
		    "{\"a\":{\"b\":1}\0{\"c\":2}\0{\"d\":3}\0" },
		{ "x.json", "{\"a\":\"b\n{\"c\":2}\n", TL_CONTAINER_JSONL,
		    false, "{\"a\":\"b\0{\"c\":2}\0" },
		{ "x.json", "{'a': 1}\n{\"c\":2}\n", TL_CONTAINER_JSONL, false,
		    "{'a': 1}\0{\"c\":2}\0" },
		{ "x.json", "{\n 'a': None\n}\n", TL_CONTAINER_SINGLE, false,
		    "{\n 'a': None\n}\0" },
		{ "x.json", "{ // no\n \"a\": 1\n}\n", TL_CONTAINER_SINGLE,
		    false, "{ // no\n \"a\": 1\n}\0" },
	};

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		const struct tl_file *file =
		    open_mem(f, cases[i].name, tl_str_from(cases[i].text));

		print_message("# case %zu\n", i);
		assert_records(f, cases[i].records);
		assert_int_equal(file->container, cases[i].container);
		assert_int_equal(
		    file->is_array_in_jsonl, cases[i].is_array_in_jsonl);
		assert_int_equal(file->nfaults, 0);
	}
}

/* --- notes --- */

static void
blank_lines_and_lone_carriage_returns_are_noted(void **state)
{
	struct fixture *f = *state;
	const struct tl_file *file = open_mem(f, "x.jsonl",
	    TL_STR("\n{\"a\":1}\r{\"b\":\"x\"}\r\n \t\n\n{\"c\":2}\n\n"));
	const struct tl_file_note *blank = file->notes[TL_FILE_BLANK_LINE];

	assert_records(f, "{\"a\":1}\0{\"b\":\"x\"}\0{\"c\":2}\0");
	assert_int_equal(file->note_counts[TL_FILE_BLANK_LINE], 4);
	assert_int_equal(blank[0].pos.line, 1);
	assert_int_equal(blank[1].pos.line, 3);
	assert_int_equal(blank[1].len, 3);
	assert_int_equal(blank[2].pos.line, 4);
	assert_int_equal(blank[3].pos.line, 6);
	assert_int_equal(file->note_counts[TL_FILE_CR], 1);
	assert_int_equal(file->notes[TL_FILE_CR][0].pos.column, 8);
	assert_int_equal(file->note_counts[TL_FILE_CRLF], 1);
	assert_int_equal(file->note_counts[TL_FILE_LF], 5);
}

static void
empty_files_are_blank(void **state)
{
	struct fixture *f = *state;
	static const tl_str texts[] = { TL_LIT(""), TL_LIT("\n"),
		TL_LIT(" \r\n\t"), TL_LIT("\xef\xbb\xbf") };

	for (size_t i = 0; i < TL_COUNT(texts); i++) {
		const struct tl_file *file = open_mem(f, "x.json", texts[i]);

		assert_records(f, "");
		assert_true(file->is_blank);
		assert_int_equal(file->nbytes, texts[i].len);
	}
	assert_false(open_mem(f, "x.json", TL_STR("[]"))->is_blank);
	assert_records(f, "");
	assert_false(tl_reader_file(f->r)->is_blank);
}

static void
byte_order_marks_of_joined_files_are_noted(void **state)
{
	struct fixture *f = *state;
	const struct tl_file *file = open_mem(f, "x.jsonl",
	    TL_STR("\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbf{\"b\":2}\n"));
	struct tl_record rec;

	assert_true(next(f, &rec));
	assert_true(next(f, &rec));
	assert_str(rec.bytes, TL_STR("{\"b\":2}"));
	assert_int_equal(rec.pos.offset, 14);
	assert_int_equal(rec.pos.column, 1);
	assert_int_equal(file->note_counts[TL_FILE_BOM], 2);
	assert_int_equal(file->notes[TL_FILE_BOM][1].pos.offset, 11);
}

static void
lfs_pointers_are_recognised(void **state)
{
	struct fixture *f = *state;
#define OID "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
	static const char pointer[] =
	    "version https://git-lfs.github.com/spec/v1\n"
	    "oid sha256:" OID "\nsize 12345\n";
	const struct tl_file *file = open_mem(f, "x.jsonl", TL_STR(pointer));
	char large[1100];

	assert_true(file->is_lfs_pointer);
	assert_str(file->lfs_oid, TL_STR(OID));
	assert_records(f, "");
	write_file(f, TL_STR(pointer));
	assert_int_equal(
	    tl_reader_open(f->arena, tl_str_from(f->path), &f->r, NULL), TL_OK);
	assert_true(tl_reader_file(f->r)->is_lfs_pointer);

	memset(large, '\n', sizeof(large));
	memcpy(large, pointer, sizeof(pointer) - 1);
	assert_false(
	    open_mem(f, "x", (tl_str){ large, sizeof(large) })->is_lfs_pointer);
	assert_false(open_mem(
	    f, "x", TL_STR("version https://git-lfs.github.com/spec/v12\n"))
			 ->is_lfs_pointer);
}

static void
utf16_is_one_fault_and_no_record(void **state)
{
	struct fixture *f = *state;
	const struct tl_file *file =
	    open_mem(f, "x.jsonl", TL_STR("\xff\xfe{\0}\0\n\0{\0}\0\n\0"));

	assert_records(f, "");
	assert_int_equal(file->nfaults, 1);
	assert_int_equal(file->faults[0].kind, TL_JSON_BAD_UTF8);
	assert_int_equal(file->faults[0].pos.offset, 0);
}

/* --- broken arrays --- */

static void
broken_elements_do_not_lose_the_others(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text;
		enum tl_json_fault fault; /* between records */
		size_t fault_at;
		const char *records;
	} cases[] = {
		/* A brace, a bracket and a quote are missing. */
		{ "[{\"a\":{\"x\":1}, {\"a\":2}, {\"a\":3}]", TL_JSON_OK, 0,
		    "{\"a\":{\"x\":1}\0{\"a\":2}\0{\"a\":3}\0" },
		{ "[{\"m\":[{\"r\":1}}, {\"m\":[]}, {\"m\":[1]}]", TL_JSON_OK,
		    0, "{\"m\":[{\"r\":1}}\0{\"m\":[]}\0{\"m\":[1]}\0" },
		{ "[{\"a\":\"x}, {\"a\":\"y\"}, {\"a\":\"z\"}]", TL_JSON_OK, 0,
		    "{\"a\":\"x}\0{\"a\":\"y\"}\0{\"a\":\"z\"}\0" },
		{ "[\n  {\n    \"a\": [1,\n  },\n  {\n    \"a\": 2\n  }\n]\n",
		    TL_JSON_OK, 0,
		    "{\n    \"a\": [1,\n  }\0{\n    \"a\": 2\n  }\0" },
		{ "[\n{\"a\":\"x},\n{\"a\":\"y\"}\n]", TL_JSON_OK, 0,
		    "{\"a\":\"x}\0{\"a\":\"y\"}\0" },
		{ "[\n{\"a\":1},\n{\"a\":[2}\n]", TL_JSON_OK, 0,
		    "{\"a\":1}\0{\"a\":[2}\0" },
		/* A string over two lines. */
		{ "[{\"a\":\"x\ny\"}, {\"a\":\"z\"}]", TL_JSON_OK, 0,
		    "{\"a\":\"x\ny\"}\0{\"a\":\"z\"}\0" },
		/* What is wrong stands between elements. */
		{ "[{\"a\":1} {\"a\":2}]", TL_JSON_SYNTAX, 9,
		    "{\"a\":1}\0{\"a\":2}\0" },
		{ "[{\"a\":1},,{\"a\":2}]", TL_JSON_SYNTAX, 9,
		    "{\"a\":1}\0{\"a\":2}\0" },
		{ "[{\"a\":1}},{\"a\":2}]", TL_JSON_SYNTAX, 8,
		    "{\"a\":1}\0{\"a\":2}\0" },
		{ "[{\"a\":1},]", TL_JSON_TRAILING_COMMA, 8, "{\"a\":1}\0" },
		{ "[{\"a\":1}, // two\n{\"a\":2} /* \n */]", TL_JSON_LITERAL,
		    10, "{\"a\":1}\0{\"a\":2}\0" },
		{ "[{\"a\":1},\n{\"a\":2}", TL_JSON_TRUNCATED, 17,
		    "{\"a\":1}\0{\"a\":2}\0" },
		{ "[{\"a\":1}],\n{\"a\":2}]", TL_JSON_EXTRA, 9,
		    "{\"a\":1}\0{\"a\":2}\0" },
		{ "[\n{\"a\":1}]\n[{\"a\":2}]", TL_JSON_EXTRA, 11,
		    "{\"a\":1}\0{\"a\":2}\0" },
		{ "[{\"a\":1}] x", TL_JSON_SYNTAX, 10, "{\"a\":1}\0" },
		{ "{\"instances\":[1,2}", TL_JSON_SYNTAX, 17, "1\0002\0" },
		{ "{\"instances\":[1],}", TL_JSON_TRAILING_COMMA, 16, "1\0" },
		{ "{\"instances\":[1] \"x\":1}", TL_JSON_SYNTAX, 17, "1\0" },
		{ "{\"instances\":[1],\"x\":01}", TL_JSON_SYNTAX, 22, "1\0" },
		{ "{\"instances\":[1],\n\"x\":1", TL_JSON_TRUNCATED, 23,
		    "1\0" },
	};

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		const struct tl_file *file =
		    open_mem(f, "x.json", tl_str_from(cases[i].text));

		print_message("# case %zu\n", i);
		assert_records(f, cases[i].records);
		if (cases[i].fault == TL_JSON_OK) {
			assert_int_equal(file->nfaults, 0);
			continue;
		}
		assert_true(file->nfaults > 0);
		assert_int_equal(file->faults[0].kind, cases[i].fault);
		assert_int_equal(file->faults[0].pos.offset, cases[i].fault_at);
		assert_non_null(file->faults[0].found);
		assert_non_null(file->faults[0].expected);
	}
}

static void
every_fault_between_elements_is_kept(void **state)
{
	struct fixture *f = *state;
	static const enum tl_json_fault kinds[] = { TL_JSON_SYNTAX,
		TL_JSON_LITERAL, TL_JSON_SYNTAX, TL_JSON_TRAILING_COMMA,
		TL_JSON_EXTRA, TL_JSON_TRUNCATED };
	const struct tl_file *file = open_mem(
	    f, "x.json", TL_STR("[1 2, /* a */ /* b */ 3}}, 4,]\n[5, "));

	assert_records(f, "1\0002\0003\0004\0005\0");
	assert_int_equal(file->nfaults, TL_COUNT(kinds));
	for (size_t i = 0; i < TL_COUNT(kinds); i++)
		assert_int_equal(file->faults[i].kind, kinds[i]);
}

/* Elements that never close, so that each could be searched to the end. */
static void
many_broken_elements_take_linear_time(void **state)
{
	struct fixture *f = *state;
	struct tl_buf b;
	struct tl_record rec;
	size_t n = 0;

	tl_buf_init(&b, f->arena, 0);
	tl_buf_puts(&b, "[");
	for (int i = 0; i < 20000; i++)
		tl_buf_puts(&b, "{\"m\":[{\"r\":[{\"x\":1}], ");
	open_mem(f, "x.json", tl_buf_str(&b));
	while (next(f, &rec))
		n++;
	assert_true(n >= 10000);
}

/* One line for readers that look for line feeds; it must not be searched for
 * its end again for each record. */
static void
many_carriage_returns_take_linear_time(void **state)
{
	struct fixture *f = *state;
	struct tl_buf b;
	struct tl_record rec;
	size_t n = 0;

	tl_buf_init(&b, f->arena, 0);
	for (int i = 0; i < 1000000; i++)
		tl_buf_puts(&b, "{\"a\":\"some text of a record\"}\r");
	open_mem(f, "x.jsonl", tl_buf_str(&b));
	while (next(f, &rec))
		n++;
	assert_int_equal(n, 1000000);
	assert_int_equal(tl_reader_file(f->r)->note_counts[TL_FILE_CR], 999999);
}

/* --- limits --- */

/* A gzip file of `head`, n times `c`, and `tail`: small on disk. */
static tl_str
make_bomb(
    struct tl_arena *a, const char *head, char c, size_t n, const char *tail)
{
	size_t cap = n / 200 + 4096;
	char *out = tl_arena_bytes(a, cap);
	char chunk[65536];
	z_stream z = { .next_out = (unsigned char *)out,
		.avail_out = (unsigned)cap };

	assert_int_equal(
	    deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_in = (z_const unsigned char *)(uintptr_t)head;
	z.avail_in = (unsigned)strlen(head);
	assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
	memset(chunk, c, sizeof(chunk));
	while (n > 0) {
		z.next_in = (unsigned char *)chunk;
		z.avail_in = (unsigned)(n < sizeof(chunk) ? n : sizeof(chunk));
		n -= z.avail_in;
		assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
	}
	z.next_in = (z_const unsigned char *)(uintptr_t)tail;
	z.avail_in = (unsigned)strlen(tail);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return (tl_str){ out, cap - z.avail_out };
}

static void
long_lines_are_noted_and_read(void **state)
{
	struct fixture *f = *state;
	size_t n = TL_MAX_LINE_BYTES;
	const struct tl_file *file = open_mem(f, "x.jsonl.gz",
	    make_bomb(f->arena, "{\"a\":\"", 'x', n, "\"}\n{\"b\":1}\n"));
	struct tl_record rec;

	assert_true(next(f, &rec));
	assert_false(rec.is_cut);
	assert_int_equal(rec.bytes.len, n + 8);
	assert_true(next(f, &rec));
	assert_str(rec.bytes, TL_STR("{\"b\":1}"));
	assert_int_equal(file->note_counts[TL_FILE_LONG_LINE], 1);
	assert_int_equal(file->notes[TL_FILE_LONG_LINE][0].len, n + 8);
}

static void
too_long_records_are_cut_and_the_run_goes_on(void **state)
{
	static const struct {
		const char *head, *tail;
	} cases[] = {
		{ "{\"a\":\"", "\"}\n{\"b\":1}\n" },
		{ "[{\"a\":\"\\\"", "\"},{\"b\":1}]" },
	};

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		struct tl_arena *a = tl_arena_new(NULL, NULL);
		const struct tl_file *file;
		struct tl_record rec;
		struct tl_reader *r;
		tl_str bomb = make_bomb(a, cases[i].head, 'x',
		    TL_MAX_RECORD_BYTES + 1000000, cases[i].tail);

		assert_int_equal(
		    tl_reader_open_mem(a, TL_STR("x.gz"), bomb, &r, NULL),
		    TL_OK);
		file = tl_reader_file(r);
		assert_int_equal(tl_reader_next(r, a, &rec, NULL), TL_OK);
		assert_true(rec.is_cut);
		assert_false(rec.is_last);
		assert_true(rec.bytes.len < 1000000);
		assert_int_equal(tl_record_parse(a, &rec), TL_ESKIP);
		assert_null(rec.doc.root);
		assert_int_equal(tl_reader_next(r, a, &rec, NULL), TL_OK);
		assert_str(rec.bytes, TL_STR("{\"b\":1}"));
		assert_int_equal(tl_reader_next(r, a, &rec, NULL), TL_EEND);
		assert_int_equal(file->note_counts[TL_FILE_LONG_LINE], 1);
		assert_true(file->notes[TL_FILE_LONG_LINE][0].len >
		    TL_MAX_RECORD_BYTES);
		assert_int_equal(file->nfaults, 0);
		tl_arena_free(a);
	}
}

/* --- records --- */

static void
places_in_a_record_are_lines_and_columns(void **state)
{
	struct fixture *f = *state;
	struct tl_record rec;
	size_t line, column;

	open_mem(
	    f, "x.json", TL_STR("[{\"\xc3\xa9\": 1,\n \"b\": 2}, {\"c\":3}]"));
	assert_true(next(f, &rec));
	tl_record_locate(&rec, 0, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 2);
	tl_record_locate(&rec, 7, &line, &column);
	assert_int_equal(column, 8);
	tl_record_locate(&rec, 10, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 1);
	assert_true(next(f, &rec));
	tl_record_locate(&rec, 1, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 12);
}

static void
records_are_named_by_their_id(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "u7", "12", "", "x" };
	struct tl_record rec;

	open_mem(f, "x.jsonl",
	    TL_STR("{\"uuid\":\"u7\",\"id\":null}\n{\"uuid\":\"u\",\"id\":12}\n"
		   "{\"id\":[1]}\n{\"sample_id\":\"x\"}\n"));
	for (size_t i = 0; i < TL_COUNT(names); i++) {
		assert_true(next(f, &rec));
		assert_int_equal(tl_record_parse(f->arena, &rec), TL_OK);
		assert_str(tl_record_id(&rec), tl_str_from(names[i]));
	}
}

static void
whole_files_are_read_within_a_limit(void **state)
{
	struct fixture *f = *state;
	struct tl_error err;
	tl_str out;

	write_file(f, TL_STR("a\0b\n"));
	assert_int_equal(tl_file_read(f->arena, f->path, 4, &out, &err), TL_OK);
	assert_str(out, TL_STR("a\0b\n"));
	assert_int_equal(out.ptr[out.len], '\0');
	assert_int_equal(
	    tl_file_read(f->arena, f->path, 3, &out, &err), TL_ELIMIT);
	assert_int_equal(
	    tl_file_read_head(f->arena, f->path, 3, &out, &err), TL_OK);
	assert_int_equal(out.len, 3);
	assert_int_equal(
	    tl_file_read_head(f->arena, f->path, 9, &out, &err), TL_OK);
	assert_int_equal(out.len, 4);
	assert_int_equal(
	    tl_file_read(f->arena, "/nonexistent", 3, &out, &err), TL_ENOENT);
	assert_int_equal(tl_file_read(f->arena, "/", 3, &out, &err), TL_EIO);
	assert_int_equal(
	    tl_file_read(f->arena, "/dev/zero", 100000, &out, &err), TL_ELIMIT);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(containers_give_the_same_records),
		TEST(every_record_can_be_sought),
		TEST(pipes_are_read_and_can_be_kept),
		TEST(missing_and_odd_paths_are_errors),
		TEST(damaged_compression_is_an_error_behind_good_records),
		TEST(progress_ends_at_the_size_of_the_file),
		TEST(layouts_are_told_apart),
		TEST(blank_lines_and_lone_carriage_returns_are_noted),
		TEST(empty_files_are_blank),
		TEST(byte_order_marks_of_joined_files_are_noted),
		TEST(lfs_pointers_are_recognised),
		TEST(utf16_is_one_fault_and_no_record),
		TEST(broken_elements_do_not_lose_the_others),
		TEST(every_fault_between_elements_is_kept),
		TEST(many_broken_elements_take_linear_time),
		TEST(many_carriage_returns_take_linear_time),
		TEST(long_lines_are_noted_and_read),
		TEST(too_long_records_are_cut_and_the_run_goes_on),
		TEST(places_in_a_record_are_lines_and_columns),
		TEST(records_are_named_by_their_id),
		TEST(whole_files_are_read_within_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
