// What the wolfSSL of the device is built with, as far as apps ask.
#ifndef WOLFSSL_OPTIONS_H
#define WOLFSSL_OPTIONS_H

#define HAVE_AESGCM
#define HAVE_ALPN
#define HAVE_CHACHA
#define HAVE_ECC
#define HAVE_HKDF
#define HAVE_POLY1305
#define HAVE_SNI
#define HAVE_TLS_EXTENSIONS
#define WOLFSSL_AES_COUNTER
#define WOLFSSL_BASE16
#define WOLFSSL_BASE64_ENCODE
#define WOLFSSL_SHA224
#define WOLFSSL_SHA384
#define WOLFSSL_SHA512
#define WOLFSSL_TLS13
#define NO_OLD_TLS

#endif
