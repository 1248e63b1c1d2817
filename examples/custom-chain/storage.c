// The mutable file: a nonce of 12 bytes, then chain and key, each with its NUL, encrypted by ChaCha20 (RFC 8439). On a
// device, take the library that the app has anyway (wolfSSL), with an authenticated cipher, and a key that is the device's own.
#include "storage.h"

#include <applibs/log.h>
#include <applibs/storage.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define NONCE_SIZE 12
#define LARGEST_FILE (16 * 1024)

// An example's key. A real one does not stand in a source.
static const uint8_t storageKey[32] = "an example, and so of no secrecy";

static uint32_t Rotate(uint32_t value, int bits)
{
    return value << bits | value >> (32 - bits);
}

static void QuarterRound(uint32_t s[16], int a, int b, int c, int d)
{
    s[a] += s[b];
    s[d] = Rotate(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = Rotate(s[b] ^ s[c], 12);
    s[a] += s[b];
    s[d] = Rotate(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = Rotate(s[b] ^ s[c], 7);
}

// Encrypts or decrypts in place.
static void ChaCha20(uint8_t* bytes, size_t size, const uint8_t nonce[NONCE_SIZE])
{
    uint32_t start[16];
    memcpy(start, "expand 32-byte k", 16);
    memcpy(start + 4, storageKey, 32);
    memcpy(start + 13, nonce, NONCE_SIZE);
    for (size_t done = 0, block = 1; done < size; done += 64, block++)
    {
        uint32_t state[16];
        start[12] = (uint32_t)block;
        memcpy(state, start, sizeof(state));
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < 4; i++)
            {
                QuarterRound(state, i, 4 + i, 8 + i, 12 + i);
            }
            for (int i = 0; i < 4; i++)
            {
                QuarterRound(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
            }
        }
        for (size_t i = 0; i < 64 && done + i < size; i++)
        {
            bytes[done + i] ^= (uint8_t)((state[i / 4] + start[i / 4]) >> (8 * (i % 4)));
        }
    }
}

static void Wipe(char* text, size_t size)
{
    for (volatile char* p = text; size > 0; size--)
    {
        *p++ = 0;
    }
}

int Credential_Save(const Credential* credential)
{
    size_t chainSize = strlen(credential->chain) + 1;
    size_t size = NONCE_SIZE + chainSize + strlen(credential->privateKey) + 1;
    uint8_t* bytes = malloc(size);
    int fd = Storage_OpenMutableFile();
    int result = -1;
    if (bytes != NULL && fd != -1 && getrandom(bytes, NONCE_SIZE, 0) == NONCE_SIZE)
    {
        memcpy(bytes + NONCE_SIZE, credential->chain, chainSize);
        strcpy((char*)bytes + NONCE_SIZE + chainSize, credential->privateKey);
        ChaCha20(bytes + NONCE_SIZE, size - NONCE_SIZE, bytes);
        result = ftruncate(fd, 0) == 0 && write(fd, bytes, size) == (ssize_t)size ? 0 : -1;
    }
    if (result != 0)
    {
        Log_Debug("ERROR: The credential can't be kept: %s (%d).\n", strerror(errno), errno);
    }
    if (fd != -1)
    {
        close(fd);
    }
    free(bytes);
    return result;
}

int Credential_Load(Credential* credential)
{
    char* bytes = malloc(LARGEST_FILE);
    int fd = Storage_OpenMutableFile();
    ssize_t size = bytes == NULL || fd == -1 ? -1 : read(fd, bytes, LARGEST_FILE - 1);
    char* chain = bytes + NONCE_SIZE;
    int result = -1;
    if (size > NONCE_SIZE)
    {
        size_t chainSize;
        ChaCha20((uint8_t*)chain, (size_t)size - NONCE_SIZE, (uint8_t*)bytes);
        bytes[size] = '\0';
        chainSize = strlen(chain) + 1;
        if (strncmp(chain, "-----BEGIN", 10) == 0 && NONCE_SIZE + chainSize < (size_t)size)
        {
            credential->chain = strdup(chain);
            credential->privateKey = strdup(chain + chainSize);
            result = credential->chain != NULL && credential->privateKey != NULL ? 0 : -1;
        }
        Wipe(bytes, (size_t)size);
    }
    if (fd != -1)
    {
        close(fd);
    }
    free(bytes);
    return result;
}

void Credential_Free(Credential* credential)
{
    if (credential->chain != NULL)
    {
        free(credential->chain);
    }
    if (credential->privateKey != NULL)
    {
        Wipe(credential->privateKey, strlen(credential->privateKey));
        free(credential->privateKey);
    }
    credential->chain = NULL;
    credential->privateKey = NULL;
}
