// What the environment has beside getenv and setenv.
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The program has no more rights than the one that started it.
char* secure_getenv(const char* name)
{
    return getenv(name);
}

int clearenv(void)
{
    while (environ != NULL && environ[0] != NULL)
    {
        char* name = strndup(environ[0], strcspn(environ[0], "="));
        int result = name == NULL ? -1 : unsetenv(name);
        free(name);
        if (result != 0)
        {
            return -1;
        }
    }
    return 0;
}
