#include "secret_text.h"

#include <stdlib.h>

#include "azure_c_shared_utility/gballoc.h"

void secret_text_free(char* text)
{
    if (text != NULL)
    {
        // volatile, or the compiler leaves out what is never read
        for (volatile char* p = text; *p != '\0'; p++)
        {
            *p = '\0';
        }
        free(text);
    }
}
