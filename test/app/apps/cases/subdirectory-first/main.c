#include "part.h"
int level;
int main(void) { return part(); }
