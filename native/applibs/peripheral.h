// What buses and converters have in common: a descriptor for one of them, opened once, if the manifest lists it.
#ifndef SPHERE_IOT_PERIPHERAL_H
#define SPHERE_IOT_PERIPHERAL_H

#include "fd_table.h"

typedef struct PERIPHERAL_TAG
{
    OPEN_FILE file;
    int kind; // HOST_PERIPHERAL_…
    int id;
    int setting;      // of the kind: an I2C bus's default address
    double reference; // volts, of an ADC
} PERIPHERAL;

// A descriptor; -1 with EACCES, ENODEV, EBUSY, ENOMEM, EMFILE.
int peripheral_open(int kind, int id, const FILE_OPERATIONS* operations);
// The `close` of the operations.
void peripheral_close(OPEN_FILE* file);

#endif
