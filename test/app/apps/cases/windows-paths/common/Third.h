#define THIRD 4
