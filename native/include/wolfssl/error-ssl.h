// The error numbers of wolfSSL: all that sphere-iot returns, and those that apps compare with.
#ifndef WOLFSSL_ERROR_SSL_H
#define WOLFSSL_ERROR_SSL_H

#include <wolfssl/wolfcrypt/error-crypt.h>

enum wolfSSL_ErrorCodes
{
    MEMORY_ERROR = -303,
    VERIFY_MAC_ERROR = -305,
    PARSE_ERROR = -306,
    SOCKET_ERROR_E = -308,
    SOCKET_NODATA = -309,
    UNKNOWN_RECORD_TYPE = -311,
    FATAL_ERROR = -313, // the peer has sent a fatal alert
    NO_PEER_KEY = -316,
    NO_PRIVATE_KEY = -317,
    DOMAIN_NAME_MISMATCH = -322,
    WANT_READ = -323,
    VERSION_ERROR = -326,
    WANT_WRITE = -327,
    ZERO_RETURN = -343,
    NO_PEER_CERT = -386,
    SOCKET_PEER_CLOSED_E = -397
};

#endif
