#include <iothub.h>
#include <mt3620_rdb.h>

int main(void)
{
    return MT3620_RDB_LED1_RED == 8 ? 0 : 1;
}
