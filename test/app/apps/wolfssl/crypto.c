// wolfCrypt, with known answers: FIPS 180, RFC 1321, RFC 2202, RFC 4231, RFC 5869, RFC 6070, SP 800-38A, the GCM specification, RFC 8439, RFC 4648.
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/chacha20_poly1305.h>
#include <wolfssl/wolfcrypt/coding.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/memory.h>
#include <wolfssl/wolfcrypt/pwdbased.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/wc_port.h>

#include "parts.h"

_Static_assert(CHACHA20_POLY1305_AEAD_KEYSIZE == 32 && CHACHA20_POLY1305_AEAD_IV_SIZE == 12, "sizes");

// The bytes of a hexadecimal text; they are the function's, four times.
static byte* Hex(const char* text)
{
    static byte rooms[4][256];
    static int turn = 0;
    byte* bytes = rooms[turn++ % 4];
    for (size_t i = 0; text[2 * i] != '\0'; i++)
    {
        sscanf(text + 2 * i, "%2hhx", &bytes[i]);
    }
    return bytes;
}

static bool Is(const byte* bytes, const char* expected)
{
    return memcmp(bytes, Hex(expected), strlen(expected) / 2) == 0;
}

static void Hashes(void)
{
    static const char abc[] = "abc";
    const byte* data = (const byte*)abc;
    byte hash[WC_MAX_DIGEST_SIZE];
    static const struct
    {
        enum wc_HashType type;
        int size;
        const char* of_abc;
    } known[] = {
        {WC_HASH_TYPE_MD5, 16, "900150983cd24fb0d6963f7d28e17f72"},
        {WC_HASH_TYPE_SHA, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {WC_HASH_TYPE_SHA224, 28, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
        {WC_HASH_TYPE_SHA256, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {WC_HASH_TYPE_SHA384, 48,
         "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
        {WC_HASH_TYPE_SHA512, 64,
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2"
         "a9ac94fa54ca49f"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    {
        CHECK(wc_HashGetDigestSize(known[i].type) == known[i].size);
        CHECK(wc_Hash(known[i].type, data, 3, hash, sizeof(hash)) == 0 && Is(hash, known[i].of_abc));
        CHECK(wc_Hash(known[i].type, data, 3, hash, (word32)known[i].size - 1) == BUFFER_E);
        wc_HashAlg any;
        CHECK(wc_HashInit(&any, known[i].type) == 0 && wc_HashUpdate(&any, known[i].type, data, 3) == 0);
        CHECK(wc_HashFinal(&any, known[i].type, hash) == 0 && Is(hash, known[i].of_abc));
        CHECK(wc_HashFree(&any, known[i].type) == 0 && wc_HashGetBlockSize(known[i].type) == (known[i].size < 48 ? 64 : 128));
    }
    CHECK(wc_Hash(WC_HASH_TYPE_NONE, data, 3, hash, sizeof(hash)) == HASH_TYPE_E);
    CHECK(wc_HashGetDigestSize(WC_HASH_TYPE_NONE) == HASH_TYPE_E);
    CHECK(wc_Sha256Hash(NULL, 3, hash) == BAD_FUNC_ARG && wc_Sha256Hash(data, 3, NULL) == BAD_FUNC_ARG);
    CHECK(wc_Sha256Hash(data, 0, hash) == 0 && Is(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));

    // In parts, with a look in between and a copy; the state is new afterwards.
    wc_Sha256 state;
    wc_Sha256 copy;
    CHECK(wc_InitSha256(&state) == 0 && wc_Sha256Update(&state, data, 1) == 0);
    CHECK(wc_Sha256GetHash(&state, hash) == 0 && Is(hash, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"));
    CHECK(wc_Sha256Copy(&state, &copy) == 0 && wc_Sha256Update(&state, data + 1, 2) == 0);
    CHECK(wc_Sha256Final(&state, hash) == 0 && Is(hash, known[3].of_abc));
    CHECK(wc_Sha256Final(&copy, hash) == 0 && Is(hash, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"));
    CHECK(wc_Sha256Final(&state, hash) == 0 && Is(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    wc_Sha256Free(&state);
    wc_Sha512 long_state;
    CHECK(wc_InitSha512(&long_state) == 0 && wc_Sha512Update(&long_state, data, 3) == 0);
    CHECK(wc_Sha512Final(&long_state, hash) == 0 && Is(hash, known[5].of_abc));
    wc_Sha old;
    CHECK(wc_InitSha(&old) == 0 && wc_ShaUpdate(&old, data, 3) == 0 && wc_ShaFinal(&old, hash) == 0 && Is(hash, known[1].of_abc));
    CHECK(wc_InitSha256(NULL) == BAD_FUNC_ARG && wc_Sha256Update(&state, NULL, 1) == BAD_FUNC_ARG);
}

// Around the ends of blocks, in one part and in two.
static void Md5s(void)
{
    static const struct
    {
        word32 size;
        const char* hash;
    } known[] = {
        {0, "d41d8cd98f00b204e9800998ecf8427e"},
        {55, "a7555f1cbcea377c660265d60f0b43e9"},
        {56, "6cd86ae039432adef6f4ae4574191b79"},
        {63, "2f261e323d8e3c22a7c32f8797559d0b"},
        {64, "e9621717bb98894e3cf92ee5e5b66c19"},
        {65, "199bc7fa1758e209ca0c0e280d7135b7"},
        {100, "8343a5459eead0799892dee3827e9f45"}};
    byte data[100];
    byte hash[WC_MD5_DIGEST_SIZE];
    for (int i = 0; i < 100; i++)
    {
        data[i] = (byte)(i * 37);
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    {
        wc_Md5 state;
        word32 half = known[i].size / 2;
        CHECK(wc_Md5Hash(data, known[i].size, hash) == 0 && Is(hash, known[i].hash));
        CHECK(wc_InitMd5(&state) == 0 && wc_Md5Update(&state, data, half) == 0);
        CHECK(wc_Md5Update(&state, data + half, known[i].size - half) == 0 && wc_Md5Final(&state, hash) == 0);
        CHECK(Is(hash, known[i].hash));
    }
    CHECK(wc_InitMd5(NULL) == BAD_FUNC_ARG && wc_Md5Hash(NULL, 1, hash) == BAD_FUNC_ARG);
}

static void Hmacs(void)
{
    static const char text[] = "what do ya want for nothing?";
    byte mac[WC_MAX_DIGEST_SIZE];
    Hmac hmac;
    CHECK(wc_HmacInit(&hmac, NULL, INVALID_DEVID) == 0 && wc_HmacUpdate(&hmac, (const byte*)text, 1) == BAD_FUNC_ARG);
    CHECK(wc_HmacSetKey(&hmac, WC_SHA256, (const byte*)"Jefe", 4) == 0);
    for (int i = 0; i < 2; i++) // the key stays
    {
        CHECK(wc_HmacUpdate(&hmac, (const byte*)text, 5) == 0);
        CHECK(wc_HmacUpdate(&hmac, (const byte*)text + 5, (word32)strlen(text) - 5) == 0 && wc_HmacFinal(&hmac, mac) == 0);
        CHECK(Is(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    }
    CHECK(wc_HmacSetKey(&hmac, WC_SHA512, (const byte*)"Jefe", 4) == 0);
    CHECK(wc_HmacUpdate(&hmac, (const byte*)text, (word32)strlen(text)) == 0 && wc_HmacFinal(&hmac, mac) == 0);
    CHECK(Is(mac, "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b"
                  "636e070a38bce737"));
    CHECK(wc_HmacSetKey(&hmac, WC_SHA, (const byte*)"Jefe", 4) == 0);
    CHECK(wc_HmacUpdate(&hmac, (const byte*)text, (word32)strlen(text)) == 0 && wc_HmacFinal(&hmac, mac) == 0);
    CHECK(Is(mac, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
    CHECK(wc_HmacSetKey(&hmac, WC_HASH_TYPE_NONE, (const byte*)"Jefe", 4) == BAD_FUNC_ARG && wc_HmacSetKey(&hmac, WC_SHA256, NULL, 1) == BAD_FUNC_ARG);
    CHECK(wc_HmacSetKey(&hmac, WC_MD5, (const byte*)"Jefe", 4) == 0);
    CHECK(wc_HmacUpdate(&hmac, (const byte*)text, (word32)strlen(text)) == 0 && wc_HmacFinal(&hmac, mac) == 0);
    CHECK(Is(mac, "750c783e6ab0b503eaa86e310a5db738"));
    // A key that is longer than a block.
    static const char long_text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    byte key[131];
    memset(key, 0xaa, sizeof(key));
    CHECK(wc_HmacSetKey(&hmac, WC_SHA256, key, sizeof(key)) == 0);
    CHECK(wc_HmacUpdate(&hmac, (const byte*)long_text, (word32)strlen(long_text)) == 0 && wc_HmacFinal(&hmac, mac) == 0);
    CHECK(Is(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    CHECK(wc_HmacSizeByType(WC_SHA384) == 48 && wc_HmacSizeByType(WC_HASH_TYPE_NONE) == BAD_FUNC_ARG);
    wc_HmacFree(&hmac);
}

static void Keys(void)
{
    static const char okm[] = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    byte ikm[22];
    byte out[255 * 32 + 1];
    memset(ikm, 0x0b, sizeof(ikm));
    byte* salt = Hex("000102030405060708090a0b0c");
    byte* info = Hex("f0f1f2f3f4f5f6f7f8f9");
    CHECK(wc_HKDF(WC_SHA256, ikm, sizeof(ikm), salt, 13, info, 10, out, 42) == 0 && Is(out, okm));
    CHECK(wc_HKDF(WC_SHA256, ikm, sizeof(ikm), NULL, 0, NULL, 0, out, 42) == 0);
    CHECK(Is(out, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
    CHECK(wc_HKDF(WC_SHA256, ikm, sizeof(ikm), NULL, 0, NULL, 0, out, sizeof(out) - 1) == 0);
    CHECK(wc_HKDF(WC_SHA256, ikm, sizeof(ikm), NULL, 0, NULL, 0, out, sizeof(out)) == BAD_FUNC_ARG);
    CHECK(wc_HKDF_Extract(WC_HASH_TYPE_NONE, NULL, 0, ikm, sizeof(ikm), out) == BAD_FUNC_ARG);

    const byte* password = (const byte*)"passwordPASSWORDpassword";
    const byte* salts = (const byte*)"saltSALTsaltSALTsaltSALTsaltSALTsalt";
    CHECK(wc_PBKDF2(out, password, 24, salts, 36, 4096, 25, WC_SHA) == 0);
    CHECK(Is(out, "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"));
    CHECK(wc_PBKDF2(out, NULL, 0, NULL, 0, 1, 40, WC_SHA256) == 0);
    CHECK(Is(out, "f7ce0b653d2d72a4108cf5abe912ffdd777616dbbb27a70e8204f3ae2d0f6fad89f68f4811d1e87b"));
    CHECK(wc_PBKDF2(out, password, 24, salts, 36, 1, 25, WC_HASH_TYPE_NONE) == BAD_FUNC_ARG);
    CHECK(wc_PBKDF2(out, password, 24, NULL, 36, 1, 25, WC_SHA) == BAD_FUNC_ARG);
}

static void AesBlocks(void)
{
    static const char plain[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    static const char iv[] = "000102030405060708090a0b0c0d0e0f";
    static const char encrypted[] = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2";
    byte out[32];
    Aes aes;
    CHECK(wc_AesInit(&aes, NULL, INVALID_DEVID) == 0 && wc_AesSetKey(&aes, Hex("00"), 15, NULL, AES_ENCRYPTION) == BAD_FUNC_ARG);
    CHECK(wc_AesSetKey(&aes, Hex("2b7e151628aed2a6abf7158809cf4f3c"), 16, Hex(iv), AES_ENCRYPTION) == 0);
    CHECK(wc_AesCbcEncrypt(&aes, out, Hex(plain), 16) == 0 && wc_AesCbcEncrypt(&aes, out + 16, Hex(plain) + 16, 16) == 0);
    CHECK(Is(out, encrypted) && wc_AesCbcEncrypt(&aes, out, out, 15) == BAD_FUNC_ARG);
    CHECK(wc_AesSetKey(&aes, Hex("2b7e151628aed2a6abf7158809cf4f3c"), 16, Hex(iv), AES_DECRYPTION) == 0);
    CHECK(wc_AesCbcDecrypt(&aes, out, out, 16) == 0 && wc_AesCbcDecrypt(&aes, out + 16, out + 16, 16) == 0); // in place
    CHECK(Is(out, plain));
    CHECK(wc_AesSetKey(&aes, Hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), 32, Hex(iv), AES_ENCRYPTION) == 0);
    CHECK(wc_AesCbcEncrypt(&aes, out, Hex(plain), 32) == 0);
    CHECK(Is(out, "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"));

    // A counter, in parts of any size.
    static const char counter[] = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
    static const char counted[] = "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff";
    static const word32 parts[] = {1, 20, 2, 9};
    CHECK(wc_AesSetKeyDirect(&aes, Hex("2b7e151628aed2a6abf7158809cf4f3c"), 16, Hex(counter), AES_ENCRYPTION) == 0);
    memcpy(out, Hex(plain), sizeof(out));
    for (word32 i = 0, at = 0; i < 4; at += parts[i++])
    {
        CHECK(wc_AesCtrEncrypt(&aes, out + at, out + at, parts[i]) == 0);
    }
    CHECK(Is(out, counted));
    wc_AesFree(&aes);
}

static void AesGcm(void)
{
    static const char key[] = "feffe9928665731c6d6a8f9467308308";
    static const char plain[] = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0d"
                                "e657ba637b39";
    static const char iv[] = "cafebabefacedbaddecaf888";
    static const char data[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    static const char encrypted[] = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b"
                                    "396a0aac973d58e091";
    byte out[60];
    byte tag[16];
    Aes aes;
    CHECK(wc_AesGcmSetKey(&aes, Hex(key), 16) == 0);
    CHECK(wc_AesGcmEncrypt(&aes, out, Hex(plain), 60, Hex(iv), 12, tag, 16, Hex(data), 20) == 0);
    CHECK(Is(out, encrypted) && Is(tag, "5bc94fbc3221a5db94fae95ae7121a47"));
    byte back[60] = {0};
    CHECK(wc_AesGcmDecrypt(&aes, back, out, 60, Hex(iv), 12, tag, 16, Hex(data), 20) == 0 && Is(back, plain));
    tag[0] ^= 1;
    memset(back, 0, sizeof(back));
    CHECK(wc_AesGcmDecrypt(&aes, back, out, 60, Hex(iv), 12, tag, 16, Hex(data), 20) == AES_GCM_AUTH_E && back[0] == 0);
    CHECK(wc_AesGcmEncrypt(&aes, out, Hex(plain), 60, Hex(iv), 12, tag, 3, NULL, 0) == BAD_FUNC_ARG);
    CHECK(wc_AesGcmEncrypt(&aes, NULL, NULL, 0, Hex(iv), 12, tag, 16, NULL, 0) == 0);
}

static void ChaCha(void)
{
    static const char text[] = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    static const char key[] = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";
    static const char iv[] = "070000004041424344454647";
    static const char data[] = "50515253c0c1c2c3c4c5c6c7";
    const word32 size = sizeof(text) - 1;
    byte out[sizeof(text)];
    byte back[sizeof(text)] = {0};
    byte tag[CHACHA20_POLY1305_AEAD_AUTHTAG_SIZE];
    CHECK(wc_ChaCha20Poly1305_Encrypt(Hex(key), Hex(iv), Hex(data), 12, (const byte*)text, size, out, tag) == 0);
    CHECK(Is(out, "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6") && Is(tag, "1ae10b594f09e26a7e902ecbd0600691"));
    CHECK(wc_ChaCha20Poly1305_Decrypt(Hex(key), Hex(iv), Hex(data), 12, out, size, tag, back) == 0 && memcmp(back, text, size) == 0);
    memset(back, 0, sizeof(back));
    CHECK(wc_ChaCha20Poly1305_Decrypt(Hex(key), Hex(iv), Hex(data), 11, out, size, tag, back) == MAC_CMP_FAILED_E && back[0] == 0);
    CHECK(wc_ChaCha20Poly1305_Encrypt(NULL, Hex(iv), NULL, 0, out, size, out, tag) == BAD_FUNC_ARG);
}

static void Base64(void)
{
    byte data[100];
    byte out[200];
    byte back[100];
    word32 size = sizeof(out);
    CHECK(Base64_Encode((const byte*)"foobar", 6, out, &size) == 0 && size == 9 && memcmp(out, "Zm9vYmFy\n", 9) == 0);
    size = sizeof(out);
    CHECK(Base64_Encode_NoNl((const byte*)"fooba", 5, out, &size) == 0 && size == 8 && memcmp(out, "Zm9vYmE=", 8) == 0);
    size = 7;
    CHECK(Base64_Encode_NoNl((const byte*)"fooba", 5, out, &size) == BUFFER_E);
    CHECK(Base64_Encode((const byte*)"fooba", 5, NULL, &size) == LENGTH_ONLY_E && size == 9);
    for (int i = 0; i < 100; i++)
    {
        data[i] = (byte)(i * 37);
    }
    size = sizeof(out);
    CHECK(Base64_Encode(data, 100, out, &size) == 0 && size == 136 + 3 && out[64] == '\n' && out[129] == '\n' && out[138] == '\n');
    word32 decoded = sizeof(back);
    CHECK(Base64_Decode(out, size, back, &decoded) == 0 && decoded == 100 && memcmp(back, data, 100) == 0);
    decoded = 99;
    CHECK(Base64_Decode(out, size, back, &decoded) == BUFFER_E);
    decoded = sizeof(back);
    CHECK(Base64_Decode((const byte*)"Zm9?", 4, back, &decoded) == ASN_INPUT_E);
    CHECK(Base64_Decode((const byte*)"Zm=v", 4, back, &decoded) == ASN_INPUT_E);
    CHECK(Base64_Decode((const byte*)"Zm9", 3, back, &decoded) == ASN_INPUT_E);
    CHECK(Base64_Decode(NULL, 3, back, &decoded) == BAD_FUNC_ARG);
}

static void Base16(void)
{
    byte out[7];
    byte back[3];
    word32 size = sizeof(out);
    CHECK(Base16_Encode((const byte*)"\x00\xfa\x9b", 3, out, &size) == 0 && size == 7 && strcmp((char*)out, "00FA9B") == 0);
    size = 6;
    CHECK(Base16_Encode((const byte*)"\x00\xfa\x9b", 3, out, &size) == 0 && size == 6);
    size = 5;
    CHECK(Base16_Encode((const byte*)"\x00\xfa\x9b", 3, out, &size) == BUFFER_E);
    size = sizeof(back);
    CHECK(Base16_Decode((const byte*)"00fA9B", 6, back, &size) == 0 && size == 3 && memcmp(back, "\x00\xfa\x9b", 3) == 0);
    size = 2;
    CHECK(Base16_Decode((const byte*)"00fA9B", 6, back, &size) == BUFFER_E);
    size = sizeof(back);
    CHECK(Base16_Decode((const byte*)"00f", 3, back, &size) == ASN_INPUT_E && Base16_Decode((const byte*)"0g", 2, back, &size) == ASN_INPUT_E);
}

static void Memory(void)
{
    char* text = wolfSSL_Malloc(4);
    memcpy(text, "abc", 4);
    text = wolfSSL_Realloc(text, 100000);
    CHECK(strcmp(text, "abc") == 0 && wolfSSL_SetLoggingCb(NULL) == NOT_COMPILED_IN && wolfSSL_Debugging_ON() == NOT_COMPILED_IN);
    wolfSSL_Free(text);
}

static void Random(void)
{
    byte first[32] = {0};
    byte second[32] = {0};
    WC_RNG rng;
    CHECK(wc_InitRng(&rng) == 0 && wc_RNG_GenerateBlock(&rng, first, sizeof(first)) == 0 && wc_FreeRng(&rng) == 0);
    WC_RNG* other = wc_rng_new(NULL, 0, NULL);
    CHECK(other != NULL && wc_RNG_GenerateBlock(other, second, sizeof(second)) == 0 && wc_RNG_GenerateByte(other, first) == 0);
    wc_rng_free(other);
    CHECK(memcmp(first + 1, second + 1, sizeof(first) - 1) != 0);
    CHECK(wc_InitRng(NULL) == BAD_FUNC_ARG && wc_RNG_GenerateBlock(NULL, first, 1) == BAD_FUNC_ARG);
}

void Crypto(void)
{
    char text[WOLFSSL_MAX_ERROR_SZ];
    CHECK(wolfCrypt_Init() == 0);
    Hashes();
    Md5s();
    Hmacs();
    Keys();
    AesBlocks();
    AesGcm();
    ChaCha();
    Base64();
    Base16();
    Memory();
    Random();
    wc_ErrorString(MAC_CMP_FAILED_E, text);
    CHECK(strcmp(text, wc_GetErrorString(MAC_CMP_FAILED_E)) == 0 && strcmp(wc_GetErrorString(-1), "unknown error number") == 0);
    CHECK(strcmp(wolfSSL_ERR_reason_error_string(0), "no error") == 0);
    CHECK(wolfCrypt_Cleanup() == 0);
}
