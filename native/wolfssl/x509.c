// Certificates: their DER here, what is in them read by the host.
#include "x509.h"

#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "files.h"
#include "objects.h"

// The types of a time in DER.
#define UTC_TIME 0x17
#define GENERALIZED_TIME 0x18
#define UTC_TIME_SIZE 13

// A text of a certificate, on the heap; NULL: it has none, or there is no memory.
static char* text_of(const WOLFSSL_X509* x509, int which)
{
    size_t size = host_x509_text(x509->der, x509->size, which, NULL, 0);
    char* text = size == 0 ? NULL : malloc(size);
    if (text != NULL)
    {
        (void)host_x509_text(x509->der, x509->size, which, text, size);
    }
    return text;
}

static void read_time(const WOLFSSL_X509* x509, int which, byte* time, size_t size)
{
    size_t length;
    if (host_x509_text(x509->der, x509->size, which, (char*)time + 2, size - 2) == 0)
    {
        return;
    }
    length = strlen((char*)time + 2);
    time[0] = length == UTC_TIME_SIZE ? UTC_TIME : GENERALIZED_TIME;
    time[1] = (byte)length;
}

WOLFSSL_X509* x509_of(unsigned char* der, size_t size)
{
    WOLFSSL_X509* x509 = calloc(1, sizeof(*x509));
    if (x509 == NULL)
    {
        free(der);
        return NULL;
    }
    x509->der = der;
    x509->size = size;
    x509->subject.text = text_of(x509, HOST_X509_SUBJECT);
    x509->issuer.text = text_of(x509, HOST_X509_ISSUER);
    read_time(x509, HOST_X509_NOT_BEFORE, x509->not_before, sizeof(x509->not_before));
    read_time(x509, HOST_X509_NOT_AFTER, x509->not_after, sizeof(x509->not_after));
    return x509;
}

WOLFSSL_X509* wolfSSL_X509_load_certificate_buffer(const unsigned char* bytes, int size, int format)
{
    size_t der_size;
    unsigned char* der;
    if (bytes == NULL || size <= 0 || (format != WOLFSSL_FILETYPE_PEM && format != WOLFSSL_FILETYPE_ASN1))
    {
        return NULL;
    }
    der_size = host_x509_read(bytes, (size_t)size, NULL, 0);
    der = der_size == 0 ? NULL : malloc(der_size);
    if (der == NULL)
    {
        return NULL;
    }
    (void)host_x509_read(bytes, (size_t)size, der, der_size);
    return x509_of(der, der_size);
}

WOLFSSL_X509* wolfSSL_X509_load_certificate_file(const char* file, int format)
{
    size_t size;
    unsigned char* bytes = read_whole(file, &size);
    WOLFSSL_X509* x509 = bytes == NULL ? NULL : wolfSSL_X509_load_certificate_buffer(bytes, (int)size, format);
    free(bytes);
    return x509;
}

void wolfSSL_X509_free(WOLFSSL_X509* x509)
{
    if (x509 == NULL || x509->of_session)
    {
        return;
    }
    free(x509->der);
    free(x509->subject.text);
    free(x509->issuer.text);
    free(x509->common_name);
    free(x509->host_names);
    free(x509);
}

WOLFSSL_X509_NAME* wolfSSL_X509_get_subject_name(WOLFSSL_X509* x509)
{
    return x509 == NULL ? NULL : &x509->subject;
}

WOLFSSL_X509_NAME* wolfSSL_X509_get_issuer_name(WOLFSSL_X509* x509)
{
    return x509 == NULL ? NULL : &x509->issuer;
}

char* wolfSSL_X509_NAME_oneline(WOLFSSL_X509_NAME* name, char* text, int size)
{
    const char* whole = name == NULL || name->text == NULL ? "" : name->text;
    size_t length = strlen(whole);
    if (name == NULL || (text != NULL && size <= 0))
    {
        return NULL;
    }
    if (text == NULL)
    {
        return strdup(whole);
    }
    length = length < (size_t)size ? length : (size_t)size - 1;
    (void)memcpy(text, whole, length);
    text[length] = '\0';
    return text;
}

char* wolfSSL_X509_get_subjectCN(WOLFSSL_X509* x509)
{
    if (x509 != NULL && x509->common_name == NULL)
    {
        x509->common_name = text_of(x509, HOST_X509_COMMON_NAME);
    }
    return x509 == NULL ? NULL : x509->common_name;
}

char* wolfSSL_X509_get_next_altname(WOLFSSL_X509* x509)
{
    char* end;
    if (x509 == NULL)
    {
        return NULL;
    }
    if (x509->host_names == NULL)
    {
        x509->host_names = text_of(x509, HOST_X509_HOST_NAMES);
        x509->host_name = NULL;
        if (x509->host_names == NULL)
        {
            return NULL;
        }
        for (end = x509->host_names; (end = strchr(end, '\n')) != NULL; end++)
        {
            *end = '\0';
        }
    }
    // The list ends with an empty name: the NUL of the last one is followed by that of the whole text.
    x509->host_name = x509->host_name == NULL ? x509->host_names : x509->host_name + strlen(x509->host_name) + 1;
    if (*x509->host_name == '\0')
    {
        x509->host_name = NULL;
    }
    return x509->host_name;
}

static byte digit(char hexadecimal)
{
    return (byte)(hexadecimal <= '9' ? hexadecimal - '0' : hexadecimal - 'A' + 10);
}

int wolfSSL_X509_get_serial_number(WOLFSSL_X509* x509, unsigned char* serial, int* size)
{
    char text[64];
    int length;
    if (x509 == NULL || size == NULL || host_x509_text(x509->der, x509->size, HOST_X509_SERIAL, text, sizeof(text)) == 0)
    {
        return BAD_FUNC_ARG;
    }
    length = (int)strlen(text) / 2;
    if (serial != NULL)
    {
        if (*size < length)
        {
            return BUFFER_E;
        }
        for (int i = 0; i < length; i++)
        {
            serial[i] = (unsigned char)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
        }
    }
    *size = length;
    return WOLFSSL_SUCCESS;
}

const byte* wolfSSL_X509_notBefore(WOLFSSL_X509* x509)
{
    return x509 == NULL ? NULL : x509->not_before;
}

const byte* wolfSSL_X509_notAfter(WOLFSSL_X509* x509)
{
    return x509 == NULL ? NULL : x509->not_after;
}

const unsigned char* wolfSSL_X509_get_der(WOLFSSL_X509* x509, int* size)
{
    if (x509 == NULL || size == NULL)
    {
        return NULL;
    }
    *size = (int)x509->size;
    return x509->der;
}
