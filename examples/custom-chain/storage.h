#pragma once

#include <stddef.h>

// A certificate chain and its private key, both PEM, in the mutable file, encrypted.
typedef struct
{
    char* chain;
    char* privateKey;
} Credential;

// 0, or -1: nothing is kept, or it can't be read.
int Credential_Load(Credential* credential);
// 0, or -1 with a line in the log.
int Credential_Save(const Credential* credential);
// Overwrites and frees both.
void Credential_Free(Credential* credential);
