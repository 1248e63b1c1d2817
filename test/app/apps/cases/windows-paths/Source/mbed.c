// The same spelling as in main.c, of another file: it depends on who includes it.
#include "..\Source\OTHER.H"

int Mbed(void);
int Mbed(void)
{
    return Other();
}
