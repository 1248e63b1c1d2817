#include "peripheral.h"

#include <errno.h>
#include <stdlib.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"

int peripheral_open(int kind, int id, const FILE_OPERATIONS* operations)
{
    PERIPHERAL* peripheral;
    if (host_result(host_peripheral_open(kind, id)) < 0)
    {
        return -1;
    }
    peripheral = calloc(1, sizeof(PERIPHERAL));
    if (peripheral == NULL)
    {
        host_peripheral_close(kind, id);
        return fail(ENOMEM);
    }
    peripheral->kind = kind;
    peripheral->id = id;
    return fd_open(&peripheral->file, operations, false);
}

void peripheral_close(OPEN_FILE* file)
{
    const PERIPHERAL* peripheral = (PERIPHERAL*)file;
    host_peripheral_close(peripheral->kind, peripheral->id);
    free(file);
}
