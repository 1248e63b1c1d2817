// nftw without its options; its visitors get an argument more.
#define _GNU_SOURCE
#include <ftw.h>

typedef int VISITOR(const char* path, const struct stat* status, int kind);

static VISITOR* current;

static int visit(const char* path, const struct stat* status, int kind, struct FTW* place)
{
    (void)place;
    return current(path, status, kind);
}

int ftw(const char* path, VISITOR* visitor, int folders)
{
    VISITOR* outer = current; // a visitor may call ftw
    int result;
    current = visitor;
    result = nftw(path, visit, folders, 0);
    current = outer;
    return result;
}
