// Memory, and what works in it.
#include <fnmatch.h>
#include <malloc.h>
#include <regex.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../check.h"

static int Compare(const void* a, const void* b)
{
    return *(const int*)a - *(const int*)b;
}

static void Allocation(void)
{
    void* memory = NULL;
    CHECK(posix_memalign(&memory, 64, 100) == 0 && (uintptr_t)memory % 64 == 0 && malloc_usable_size(memory) >= 100);
    free(memory);
    memory = valloc(10);
    CHECK(memory != NULL && (uintptr_t)memory % 4096 == 0);
    free(memory);
    memory = reallocarray(NULL, 10, 4);
    CHECK(memory != NULL && reallocarray(memory, SIZE_MAX / 2, 4) == NULL && errno == ENOMEM);
    free(memory);
}

static void Maps(void)
{
    unsigned char pages[2] = {0};
    char* map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED && (uintptr_t)map % 4096 == 0 && map[0] == 0 && map[8191] == 0);
    map[8191] = 7;
    CHECK(mincore(map, 8192, pages) == 0 && pages[1] == 1);
    CHECK(mlock(map, 8192) == 0 && madvise(map, 8192, MADV_WILLNEED) == 0 && mprotect(map, 8192, PROT_READ | PROT_WRITE) == 0);
    CHECK_ERROR(mprotect(map, 8192, PROT_READ), EACCES);
    map = mremap(map, 8192, 16384, MREMAP_MAYMOVE);
    CHECK(map != MAP_FAILED && map[8191] == 7 && map[16383] == 0 && munmap(map, 16384) == 0);
    CHECK_ERROR(munmap(map + 1, 1), EINVAL);
    CHECK(mmap(NULL, SIZE_MAX, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
    CHECK(mmap(NULL, 1, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOTSUP);
}

static void Texts(void)
{
    int numbers[] = {3, 1, 2};
    int key = 2;
    size_t count = 3;
    regmatch_t match[2];
    regex_t expression;
    char text[] = "a=1;b=22";
    char* rest;
    CHECK(regcomp(&expression, "b=([0-9]+)", REG_EXTENDED) == 0);
    CHECK(regexec(&expression, text, 2, match, 0) == 0 && match[1].rm_so == 6 && match[1].rm_eo == 8);
    CHECK(regexec(&expression, "c=1", 0, NULL, 0) == REG_NOMATCH);
    regfree(&expression);
    qsort(numbers, 3, sizeof(int), Compare);
    CHECK(numbers[0] == 1 && numbers[2] == 3 && lfind(&key, numbers, &count, sizeof(int), Compare) == &numbers[1]);
    CHECK(fnmatch("*.txt", "one.txt", 0) == 0 && fnmatch("*.txt", "one.bin", 0) == FNM_NOMATCH);
    CHECK(strcmp(strtok_r(text, ";", &rest), "a=1") == 0 && strcmp(strsep(&rest, ";"), "b=22") == 0);
}

void Memory(void)
{
    Allocation();
    Maps();
    Texts();
}
