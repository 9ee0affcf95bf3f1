/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/arena.h>

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#define RED_ZONE 16

/* Not inlined: gcc takes the call for a read of fresh memory. */
static __attribute__((noinline)) void
poison(void *p, size_t n)
{
	__asan_poison_memory_region(p, n);
}

static void
unpoison(void *p, size_t n)
{
	__asan_unpoison_memory_region(p, n);
}
#else
#define RED_ZONE 0

static void
poison(void *p, size_t n)
{
	(void)p;
	(void)n;
}

static void
unpoison(void *p, size_t n)
{
	(void)p;
	(void)n;
}
#endif

#define FIRST_BLOCK ((size_t)16 << 10)
#define LARGEST_STEP ((size_t)8 << 20)
#define KEPT_BLOCK ((size_t)1 << 20) /* larger ones go back at reset */

struct block {
	struct block *next; /* older */
	size_t size;	    /* bytes in data */
	size_t used;
	_Alignas(max_align_t) char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *arg;
};

struct tl_arena {
	struct block *blocks; /* the newest first; allocation happens there */
	struct deferred *deferred;
	size_t used;
	size_t next_size;
	tl_oom_fn *oom;
	void *ctx;
};

static _Noreturn void
out_of_memory(const struct tl_arena *a, size_t wanted)
{
	if (a != NULL && a->oom != NULL)
		a->oom(a->ctx, wanted);
	abort();
}

struct tl_arena *
tl_arena_new(tl_oom_fn *oom, void *ctx)
{
	struct tl_arena *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		struct tl_arena none = { .oom = oom, .ctx = ctx };

		out_of_memory(&none, sizeof(*a));
	}
	a->oom = oom;
	a->ctx = ctx;
	a->next_size = FIRST_BLOCK;
	return a;
}

struct tl_arena *
tl_arena_new_like(const struct tl_arena *a)
{
	return tl_arena_new(a->oom, a->ctx);
}

static void
free_block(struct block *b)
{
	unpoison(b->data, b->size);
	free(b);
}

void
tl_arena_reset(struct tl_arena *a)
{
	struct block *kept = NULL;

	while (a->deferred != NULL) {
		struct deferred *d = a->deferred;

		a->deferred = d->next;
		d->fn(d->arg);
	}
	for (struct block *b = a->blocks, *next; b != NULL; b = next) {
		next = b->next;
		if (b->size <= KEPT_BLOCK &&
		    (kept == NULL || b->size > kept->size)) {
			if (kept != NULL)
				free_block(kept);
			kept = b;
		} else {
			free_block(b);
		}
	}
	if (kept != NULL) {
		kept->next = NULL;
		kept->used = 0;
		poison(kept->data, kept->size);
	}
	a->blocks = kept;
	a->used = 0;
	a->next_size = kept != NULL ? kept->size : FIRST_BLOCK;
}

void
tl_arena_free(struct tl_arena *a)
{
	if (a == NULL)
		return;
	tl_arena_reset(a);
	if (a->blocks != NULL)
		free_block(a->blocks);
	free(a);
}

static void
add_block(struct tl_arena *a, size_t need)
{
	size_t size = a->next_size;
	size_t total;
	struct block *b;

	if (size < need)
		size = need;
	if (tl_add_overflows(size, sizeof(*b), &total))
		out_of_memory(a, need);
	b = malloc(total);
	if (b == NULL)
		out_of_memory(a, total);
	b->size = size;
	b->used = 0;
	b->next = a->blocks;
	poison(b->data, b->size);
	a->blocks = b;
	if (a->next_size < LARGEST_STEP)
		a->next_size *= 2;
}

static size_t
padding(const struct block *b, size_t align)
{
	uintptr_t at = (uintptr_t)(b->data + b->used);

	return (size_t)(-at & (align - 1));
}

static char *
take(struct tl_arena *a, size_t len, size_t align)
{
	size_t need, pad;
	struct block *b = a->blocks;
	char *p;

	assert(align > 0 && (align & (align - 1)) == 0);
	if (tl_add_overflows(len, RED_ZONE + align, &need))
		out_of_memory(a, len);
	if (b == NULL || need > b->size - b->used) {
		add_block(a, need);
		b = a->blocks;
	}
	pad = padding(b, align);
	p = b->data + b->used + pad;
	unpoison(p, len);
	b->used += pad + len + RED_ZONE;
	a->used += len;
	return p;
}

void *
tl_arena_alloc(struct tl_arena *a, size_t count, size_t size, size_t align)
{
	size_t len;
	void *p;

	if (tl_mul_overflows(count, size, &len))
		out_of_memory(a, (size_t)-1);
	p = take(a, len, align);
	memset(p, 0, len);
	return p;
}

char *
tl_arena_bytes(struct tl_arena *a, size_t len)
{
	return take(a, len, 1);
}

void *
tl_arena_grow(
    struct tl_arena *a, void *ptr, size_t old_len, size_t new_len, size_t align)
{
	struct block *b = a->blocks;
	char *p;

	if (new_len <= old_len && ptr != NULL)
		return ptr;
	if (ptr != NULL && b != NULL && RED_ZONE == 0 &&
	    (char *)ptr + old_len == b->data + b->used &&
	    new_len - old_len <= b->size - b->used) {
		b->used += new_len - old_len;
		a->used += new_len - old_len;
		return ptr;
	}
	p = take(a, new_len, align);
	if (old_len > 0)
		memcpy(p, ptr, old_len);
	return p;
}

void
tl_arena_defer(struct tl_arena *a, void (*fn)(void *), void *arg)
{
	struct deferred *d = TL_NEW(a, struct deferred, 1);

	d->fn = fn;
	d->arg = arg;
	d->next = a->deferred;
	a->deferred = d;
}

size_t
tl_arena_used(const struct tl_arena *a)
{
	return a->used;
}

tl_str
tl_arena_concat(struct tl_arena *a, tl_str x, tl_str y)
{
	char *p = tl_arena_alloc(a, x.len + y.len, 1, 1);

	if (x.len > 0)
		memcpy(p, x.ptr, x.len);
	if (y.len > 0)
		memcpy(p + x.len, y.ptr, y.len);
	return (tl_str){ p, x.len + y.len };
}

tl_str
tl_arena_str(struct tl_arena *a, tl_str s)
{
	char *p;

	if (s.len == 0)
		return (tl_str){ "", 0 };
	p = tl_arena_bytes(a, s.len);
	memcpy(p, s.ptr, s.len);
	return (tl_str){ p, s.len };
}

char *
tl_arena_cstr(struct tl_arena *a, tl_str s)
{
	size_t n;
	char *p;

	if (tl_add_overflows(s.len, 1, &n))
		out_of_memory(a, s.len);
	p = tl_arena_bytes(a, n);
	if (s.len > 0)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

char *
tl_arena_printf(struct tl_arena *a, const char *fmt, ...)
{
	va_list ap;
	int n;
	char *p;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	p = tl_arena_bytes(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
