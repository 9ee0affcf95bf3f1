/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - region allocator; one per record, one for scratch, one per run.
 *
 * Allocations are zeroed, never fail, and die together at tl_arena_reset().
 * An arena belongs to one thread at a time.
 */
#ifndef TURNLINT_ARENA_H
#define TURNLINT_ARENA_H

#include <turnlint/base.h>

struct tl_arena;

/* Called when the system is out of memory.  Must not return: the program
 * exits with status 2, tests and fuzz targets longjmp. */
typedef void tl_oom_fn(void *ctx, size_t wanted);

/* The caller owns the arena and releases it with tl_arena_free().  oom NULL
 * means abort(). */
struct tl_arena *tl_arena_new(tl_oom_fn *oom, void *ctx)
    __attribute__((returns_nonnull));
/* For working memory of its own: the same handler as a. */
struct tl_arena *tl_arena_new_like(const struct tl_arena *a)
    __attribute__((returns_nonnull));
void tl_arena_free(struct tl_arena *a); /* NULL is allowed */

/* Runs the deferred calls, newest first, then forgets every allocation.  One
 * block is kept for reuse; the rest goes back to the system. */
void tl_arena_reset(struct tl_arena *a);

/* count * size zeroed bytes aligned to align (a power of two).  Overflow and
 * exhaustion go to the out-of-memory handler; never returns NULL. */
void *tl_arena_alloc(struct tl_arena *a, size_t count, size_t size,
    size_t align) __attribute__((returns_nonnull, alloc_size(2, 3), malloc));

/* As tl_arena_alloc() for bytes, but the bytes are not zeroed. */
char *tl_arena_bytes(struct tl_arena *a, size_t len)
    __attribute__((returns_nonnull, malloc));

/* A larger copy of the old_len bytes at ptr (which may be NULL when old_len
 * is 0), grown in place when ptr was the newest allocation.  Bytes beyond
 * old_len are not zeroed. */
void *tl_arena_grow(struct tl_arena *a, void *ptr, size_t old_len,
    size_t new_len, size_t align) __attribute__((returns_nonnull));

/* Tie a foreign resource (cJSON tree, git object) to this arena's lifetime. */
void tl_arena_defer(struct tl_arena *a, void (*fn)(void *), void *arg);

/* Bytes handed out since the last reset. */
size_t tl_arena_used(const struct tl_arena *a);

#define TL_NEW(a, T, n) ((T *)tl_arena_alloc((a), (n), sizeof(T), _Alignof(T)))

/* Copies into the arena.  tl_arena_cstr() adds a NUL; embedded NULs stay. */
tl_str tl_arena_str(struct tl_arena *a, tl_str s);
/* x, and y behind it; any bytes. */
tl_str tl_arena_concat(struct tl_arena *a, tl_str x, tl_str y);
char *tl_arena_cstr(struct tl_arena *a, tl_str s)
    __attribute__((returns_nonnull));
char *tl_arena_printf(struct tl_arena *a, const char *fmt, ...)
    __attribute__((returns_nonnull)) TL_PRINTF(2, 3);

#endif
