// What a curl handle is made of.
#ifndef SPHERE_IOT_EASY_H
#define SPHERE_IOT_EASY_H

#include <curl/curl.h>
#include <stdbool.h>

#include "host.h"

typedef enum METHOD_TAG
{
    METHOD_GET,
    METHOD_POST,
    METHOD_PUT,
    METHOD_HEAD
} METHOD;

// The options; the texts belong to the handle.
typedef struct EASY_OPTIONS_TAG
{
    char* url;
    char* custom_request;
    char* user_agent;
    char* referer;
    char* cookie;
    char* range;
    char* accept_encoding;
    char* user_password;
    char* user;
    char* password;
    char* ca_info;
    char* ca_path;
    char* certificate;
    char* key;
    char* key_password;
    char* proxy;
    char* proxy_user_password;
    char* proxy_user;
    char* proxy_password;
    char* no_proxy;

    long port;
    long timeout; // milliseconds, as the next; 0: none
    long connect_timeout;
    long follow;
    long most_redirects;
    long post_redirects;
    long protocols;
    long redirect_protocols;
    long verify_peer;
    long verify_host;
    long proxy_port;
    long tunnel;
    long verbose;
    long with_header;
    long no_progress;
    long fail_on_error;
    METHOD method;
    curl_off_t post_size; // -1: that of the text
    curl_off_t upload_size;

    const void* post_fields;
    char* copied_post_fields; // where it was copied
    const struct curl_slist* headers;
    char* error_buffer;
    void* private_data;
    void* write_data;
    void* read_data;
    void* header_data;
    void* progress_data;
    void* debug_data;
    void* ssl_data;
    curl_write_callback write;
    curl_read_callback read;
    curl_write_callback header;
    curl_progress_callback progress;
    curl_xferinfo_callback transfer;
    curl_debug_callback debug;
    curl_ssl_ctx_callback ssl;
} EASY_OPTIONS;

// What is known of the last transfer.
typedef struct EASY_RESULT_TAG
{
    HOST_HTTP_STATE state;
    double total_time; // milliseconds, as the next
    double start_time;
    double uploaded;
    double downloaded;
    char* content_type;
    char* effective_url;
    char* redirect_url;
} EASY_RESULT;

typedef struct EASY_TAG
{
    EASY_OPTIONS options;
    EASY_RESULT result;
    bool performing;
    bool paused;  // by its write function, until curl_easy_pause
    char* buffer; // what came last: CURL_MAX_WRITE_SIZE
    size_t kept;  // bytes of it that the write function has still to take
} EASY;

// Frees what the result has of texts, and empties it.
void easy_forget_result(EASY* easy);

#endif
