// Includes as Windows reads them: none of them is there as it is spelt.
#include "..\Lib\first.h"
#include ".\Second.h"
#include "..\common\..\COMMON\third.h"
#include <AppLibs/Log.h>
#include <applibs\storage.h>
#include <hw\board.h>
#include <HW/mt3620_RDB.h>
#include <helper.h>
#include <hw/only_here.h>
#include "other.h"

#include <string.h>
#include <unistd.h>

_Static_assert(FIRST == 1 && BESIDE_FIRST == 2 && SECOND == 3 && THIRD == 4 && BY_HAND == 1 && ONLY_HERE == 5, "what they define");
_Static_assert(LED == 8 && MT3620_RDB_LED1_RED == 8, "boards");

int main(void)
{
    int file = Storage_OpenFileInImagePackage("certs/Root.pem");
    char text[4] = "";
    Log_Debug("%d\n", Helper());
    return Other() == 7 && file >= 0 && read(file, text, 3) == 3 && strcmp(text, "not") == 0 ? 0 : 1;
}
