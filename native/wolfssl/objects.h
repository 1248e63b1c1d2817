// What wolfSSL's objects are here: settings and a number of the host's each (host.h, "TLS by the host").
#ifndef SPHERE_IOT_WOLFSSL_OBJECTS_H
#define SPHERE_IOT_WOLFSSL_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

// What a context hands on to the sessions that are made of it.
typedef struct SETTINGS_TAG
{
    int context; // the host's
    unsigned lowest;
    unsigned highest;
    int verify_mode;
    VerifyCallback verify;
    CallbackIORecv receive;
    CallbackIOSend send;
    char* server_name; // on the heap; NULL: none
} SETTINGS;

struct WOLFSSL_METHOD
{
    unsigned lowest;
    unsigned highest;
};

struct WOLFSSL_CTX
{
    SETTINGS settings;
};

struct WOLFSSL_X509_NAME
{
    char* text; // on one line
};

struct WOLFSSL_X509
{
    unsigned char* der;
    size_t size;
    WOLFSSL_X509_NAME subject;
    WOLFSSL_X509_NAME issuer;
    char* common_name;
    char* host_names; // each with a line feed
    char* host_name;  // the one that was told last; it points into host_names
    bool of_session;  // not the app's to free
    byte not_before[20];
    byte not_after[20];
};

struct WOLFSSL
{
    SETTINGS settings;
    int session; // the host's; -1: there is none yet
    int read_fd;
    int write_fd;
    void* receive_context;
    void* send_context;
    char* host_name; // these two on the heap; NULL: none
    char* protocols;
    bool connected; // the handshake is done, and the server accepted
    bool closed;    // the peer has closed the connection
    bool ended;     // this side has ended the session
    int error;      // of the last call; 0: none
    // The record that is being received: how much of its head has come, and how much of its body is missing.
    unsigned char head[5];
    size_t head_size;
    size_t body_left;
    // Encrypted bytes on their way out.
    unsigned char out[2048];
    size_t out_size;
    size_t out_sent;
    // How much of the wolfSSL_write that waits has been encrypted.
    size_t written;
    WOLFSSL_X509* peer;
    char* protocol; // that the server chose
    char version[16];
    char cipher[64];
};

#endif
