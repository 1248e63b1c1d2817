// wolfSSL's calls under the names of OpenSSL.
#ifndef WOLFSSL_OPENSSL_SSL_H
#define WOLFSSL_OPENSSL_SSL_H

#include <wolfssl/ssl.h>

typedef WOLFSSL SSL;
typedef WOLFSSL_CTX SSL_CTX;
typedef WOLFSSL_METHOD SSL_METHOD;
typedef WOLFSSL_X509 X509;
typedef WOLFSSL_X509_NAME X509_NAME;

#define SSL_CTX_new wolfSSL_CTX_new
#define SSL_CTX_free wolfSSL_CTX_free
#define SSL_CTX_load_verify_locations wolfSSL_CTX_load_verify_locations
#define SSL_CTX_use_certificate_file wolfSSL_CTX_use_certificate_file
#define SSL_CTX_use_certificate_chain_file wolfSSL_CTX_use_certificate_chain_file
#define SSL_CTX_use_PrivateKey_file wolfSSL_CTX_use_PrivateKey_file
#define SSL_CTX_set_verify wolfSSL_CTX_set_verify
#define SSL_new wolfSSL_new
#define SSL_free wolfSSL_free
#define SSL_set_fd wolfSSL_set_fd
#define SSL_get_fd wolfSSL_get_fd
#define SSL_connect wolfSSL_connect
#define SSL_read wolfSSL_read
#define SSL_write wolfSSL_write
#define SSL_peek wolfSSL_peek
#define SSL_pending wolfSSL_pending
#define SSL_shutdown wolfSSL_shutdown
#define SSL_get_error wolfSSL_get_error
#define SSL_get_version wolfSSL_get_version
#define SSL_get_peer_certificate wolfSSL_get_peer_certificate
#define SSLv23_client_method wolfSSLv23_client_method
#define TLS_client_method wolfTLS_client_method
#define TLSv1_2_client_method wolfTLSv1_2_client_method
#define ERR_error_string wolfSSL_ERR_error_string
#define X509_free wolfSSL_X509_free
#define X509_get_subject_name wolfSSL_X509_get_subject_name
#define X509_get_issuer_name wolfSSL_X509_get_issuer_name
#define X509_NAME_oneline wolfSSL_X509_NAME_oneline

#endif
