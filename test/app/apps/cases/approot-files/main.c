#include <applibs/storage.h>
#include <string.h>
#include <unistd.h>

static int reads(const char *name, const char *text)
{
    char content[16] = {0};
    int fd = Storage_OpenFileInImagePackage(name);
    return fd >= 0 && read(fd, content, sizeof(content) - 1) > 0 && strcmp(content, text) == 0;
}

int main(void)
{
    return reads("certs/root.pem", "root\n") && reads("words.txt", "words\n") ? 0 : 1;
}
