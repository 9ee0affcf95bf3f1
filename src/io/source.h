/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h - a stream of decompressed bytes from a file, standard input or
 * memory.
 *
 * gzip and zstd are told by their magic numbers, whatever the name says.
 */
#ifndef TURNLINT_IO_SOURCE_H
#define TURNLINT_IO_SOURCE_H

#include <turnlint/arena.h>

struct io_source;

/* path "-" is standard input.  The arena closes. */
enum tl_status io_source_open(struct tl_arena *a, const char *path,
    struct io_source **out, struct tl_error *err) TL_MUST_USE;
/* Bytes are borrowed. */
enum tl_status io_source_open_mem(struct tl_arena *a, tl_str bytes,
    struct io_source **out, struct tl_error *err) TL_MUST_USE;

/* NULL, "gzip" or "zstd". */
const char *io_source_compression(const struct io_source *s);

/* The first bytes as they are on disk, and whether they are all of them. */
tl_str io_source_head(const struct io_source *s, bool *is_all);

/* Up to cap bytes; *n is 0 at the end. */
enum tl_status io_source_read(struct io_source *s, char *buf, size_t cap,
    size_t *n, struct tl_error *err) TL_MUST_USE;

/* Before the first read: keep what a pipe gives in an unlinked temporary file,
 * so that io_source_seek() works. */
enum tl_status io_source_keep(
    struct io_source *s, struct tl_error *err) TL_MUST_USE;

/* Go to a decompressed offset.  Sets *at to where the stream then stands: the
 * offset itself, or 0 when it has to be read again from the start. */
enum tl_status io_source_seek(struct io_source *s, size_t offset, size_t *at,
    struct tl_error *err) TL_MUST_USE;

/* Bytes of the file on disk: taken so far, and in all (0: unknown). */
void io_source_progress(
    const struct io_source *s, uint64_t *done, uint64_t *total);

#endif
