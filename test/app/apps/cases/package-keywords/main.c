#include <applibs/storage.h>

int main(void)
{
    return Storage_OpenFileInImagePackage("certs/root.pem") >= 0 && Storage_OpenFileInImagePackage("notes.txt") >= 0 ? 0 : 1;
}
