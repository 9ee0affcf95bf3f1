/* SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEPT 16u /* images */
#define LARGEST ((off_t)1 << 30)
#define KEY_FILE "key"
#define OLD_SECONDS 3600 /* of what a killed run left behind */

/* --- the folder ------------------------------------------------------------
 */

static const char *
find_path(struct tl_arena *a)
{
	const char *own = getenv("TURNLINT_CACHE");
	const char *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (own != NULL)
		return own[0] == '/' ? own : NULL;
	if (xdg != NULL && xdg[0] == '/')
		return tl_arena_printf(a, "%s/turnlint", xdg);
	if (home != NULL && home[0] == '/')
		return tl_arena_printf(a, "%s/.cache/turnlint", home);
	return NULL;
}

/* Ours alone to write. */
static bool
is_private(int fd, mode_t kind, struct stat *sb)
{
	return fstat(fd, sb) == 0 && (sb->st_mode & S_IFMT) == kind &&
	    sb->st_uid == geteuid() && (sb->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int
open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat sb;

	if (fd >= 0 && !is_private(fd, S_IFDIR, &sb)) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static int
open_file(int folder, const char *name, struct stat *sb)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && !is_private(fd, S_IFREG, sb)) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static bool
write_all(int fd, tl_str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = tl_str_slice(bytes, (size_t)n, bytes.len);
	}
	return true;
}

/* A file appears whole or not at all.  Without replaces an existing one stays.
 */
static bool
write_file(int folder, const char *name, tl_str bytes, bool replaces)
{
	char tmp[64];
	bool fine;
	int fd;

	(void)snprintf(tmp, sizeof(tmp), "tmp.%ld", (long)getpid());
	fd = openat(folder, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	fine = write_all(fd, bytes);
	fine = close(fd) == 0 && fine;
	if (fine && replaces)
		fine = renameat(folder, tmp, folder, name) == 0;
	else if (fine)
		fine = linkat(folder, tmp, folder, name, 0) == 0;
	if (!fine || !replaces)
		(void)unlinkat(folder, tmp, 0);
	return fine;
}

static bool
read_key(struct tl_cache *c)
{
	unsigned char seed[TL_TAG_SEED];
	struct stat sb;
	int fd = open_file(c->folder, KEY_FILE, &sb);

	if (fd < 0)
		return false;
	c->has_key = sb.st_size == (off_t)sizeof(seed) &&
	    read(fd, seed, sizeof(seed)) == (ssize_t)sizeof(seed);
	(void)close(fd);
	if (c->has_key)
		tl_tag_init(&c->tagger, seed);
	return c->has_key;
}

static void
make_key(struct tl_cache *c)
{
	char seed[TL_TAG_SEED];
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, seed, sizeof(seed)) == (ssize_t)sizeof(seed))
		(void)write_file(
		    c->folder, KEY_FILE, (tl_str){ seed, sizeof(seed) }, false);
	(void)close(fd);
}

/* All of the path that is missing. */
static void
make_folders(struct tl_arena *tmp, const char *path)
{
	char *part = tl_arena_cstr(tmp, tl_str_from(path));

	for (char *p = part + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(part, 0700);
		*p = '/';
	}
	(void)mkdir(part, 0700);
}

static bool
make_cache(struct tl_cache *c, struct tl_arena *tmp)
{
	if (c->folder < 0) {
		make_folders(tmp, c->path);
		c->folder = open_folder(c->path);
	}
	if (c->folder < 0)
		return false;
	if (!c->has_key && !read_key(c)) {
		make_key(c);
		(void)write_file(c->folder, "CACHEDIR.TAG",
		    TL_STR("Signature: 8a477f597d28d172789f06886806bc55\n"
			   "# Compiled tokenizers of turnlint; delete this "
			   "folder whenever you like.\n"),
		    false);
		(void)read_key(c);
	}
	return c->has_key;
}

void
tl_cache_open(struct tl_cache *c, struct tl_arena *a)
{
	*c = (struct tl_cache){ .path = find_path(a), .folder = -1 };
	if (c->path == NULL)
		return;
	c->folder = open_folder(c->path);
	if (c->folder >= 0)
		(void)read_key(c);
}

void
tl_cache_close(struct tl_cache *c)
{
	if (c->folder >= 0)
		(void)close(c->folder);
	c->folder = -1;
}

/* --- finding ---------------------------------------------------------------
 */

static void
image_name(char out[48], struct tl_tag key)
{
	(void)snprintf(out, 48, "%016llx%016llx.tok",
	    (unsigned long long)key.v[0], (unsigned long long)key.v[1]);
}

/* By how the source begins: a tokenizer.json or the first of the pieces. */
static bool
can_be_image(tl_str head)
{
	return tl_str_starts(tl_str_trim(head), TL_STR("{")) ||
	    tl_str_starts(head, TL_STR("\n"));
}

/* The tag of a file, read in parts that stay in the near caches.  What has
 * no image is not read to its end: it may be a model. */
static bool
tag_file(struct tl_cache *c, const char *path, struct tl_tag *key)
{
	char buf[1 << 16];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat sb;
	ssize_t n = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) &&
	    sb.st_size >= (off_t)TL_CACHE_SMALLEST && sb.st_size < LARGEST)
		n = read(fd, buf, sizeof(buf));
	if (n > 0 && !can_be_image((tl_str){ buf, (size_t)n }))
		n = -1;
	tl_tag_reset(&c->tagger);
	while (n > 0) {
		tl_tag_add(&c->tagger, buf, (size_t)n);
		n = read(fd, buf, sizeof(buf));
	}
	(void)close(fd);
	if (n == 0)
		*key = tl_tag_end(&c->tagger);
	return n == 0;
}

static void
unmap(void *arg)
{
	struct tl_image *img = arg;

	(void)munmap(img->base, img->size);
}

/* Files are replaced and never changed, so they can be mapped. */
static bool
map(struct tl_cache *c, struct tl_arena *a, struct tl_tag key,
    struct tl_image *img)
{
	struct tl_image *kept;
	struct stat sb;
	char name[48];
	void *base = MAP_FAILED;
	int fd;

	image_name(name, key);
	fd = open_file(c->folder, name, &sb);
	if (fd < 0)
		return false;
	if (sb.st_size > 0 && sb.st_size < LARGEST)
		base = mmap(
		    NULL, (size_t)sb.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	(void)futimens(fd, NULL); /* what was used lately stays */
	(void)close(fd);
	if (base == MAP_FAILED)
		return false;
	*img = (struct tl_image){ .base = base, .size = (size_t)sb.st_size };
	kept = TL_NEW(a, struct tl_image, 1);
	*kept = *img;
	tl_arena_defer(a, unmap, kept);
	return true;
}

bool
tl_cache_find(struct tl_cache *c, struct tl_arena *a, const char *path,
    struct tl_image *img)
{
	struct tl_tag key;

	return c->has_key && tag_file(c, path, &key) && map(c, a, key, img) &&
	    tl_image_open(img, &c->tagger, key);
}

/* --- keeping ---------------------------------------------------------------
 */

struct old {
	char name[48];
	time_t used;
};

static int
compare_old(const void *x, const void *y)
{
	const struct old *a = x, *b = y;

	return (a->used < b->used) - (a->used > b->used);
}

/* Of images the ones that were used last stay. */
static void
tidy(struct tl_cache *c, struct tl_arena *tmp)
{
	struct old *all = NULL;
	size_t n = 0, cap = 0;
	const struct dirent *d;
	int fd = dup(c->folder);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	rewinddir(dir);
	while ((d = readdir(dir)) != NULL) {
		tl_str name = tl_str_from(d->d_name);
		bool is_image = tl_str_ends(name, TL_STR(".tok"));
		struct stat sb;

		if ((!is_image && !tl_str_starts(name, TL_STR("tmp."))) ||
		    name.len >= sizeof(all->name) ||
		    fstatat(c->folder, d->d_name, &sb, AT_SYMLINK_NOFOLLOW) !=
			0)
			continue;
		if (!is_image && sb.st_mtime < time(NULL) - OLD_SECONDS)
			(void)unlinkat(c->folder, d->d_name, 0);
		if (!is_image)
			continue;
		if (n == cap) {
			cap = cap * 2 + 32;
			all = tl_arena_grow(tmp, all, n * sizeof(*all),
			    cap * sizeof(*all), _Alignof(struct old));
		}
		memcpy(all[n].name, d->d_name, name.len + 1);
		all[n++].used = sb.st_mtime;
	}
	(void)closedir(dir);
	if (n > KEPT)
		qsort(all, n, sizeof(*all), compare_old);
	for (size_t i = KEPT; i < n; i++)
		(void)unlinkat(c->folder, all[i].name, 0);
}

void
tl_cache_keep(struct tl_cache *c, struct tl_arena *tmp, tl_str text,
    tl_str rest, const struct tl_model *m, const struct tl_spm *s)
{
	struct tl_tag key;
	char name[48];

	if (c->path == NULL || m->vocab.n == 0 || !make_cache(c, tmp))
		return;
	tl_tag_reset(&c->tagger);
	tl_tag_add(&c->tagger, text.ptr, text.len);
	key = tl_tag_end(&c->tagger);
	image_name(name, key);
	(void)write_file(c->folder, name,
	    tl_image_make(tmp, &c->tagger, key, rest, m, s), true);
	tidy(c, tmp);
}
