#define ONLY_HERE 5
