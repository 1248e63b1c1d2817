// applibs/certstore.h: arguments are checked here; the certificates are the host's (src/app/host/system/certificates.ts).
#include <applibs/certstore.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"

static bool is_identifier(const char* identifier)
{
    size_t length = strspn(identifier, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");
    return length > 0 && length <= CERTSTORE_MAX_IDENTIFIER_LENGTH && identifier[length] == '\0';
}

static bool is_size(size_t size)
{
    return size > 0 && size <= CERTSTORE_MAX_CERT_SIZE;
}

static int install(const char* identifier, const char* certificate, size_t size, const char* key, size_t key_size,
                   const char* password)
{
    return is_identifier(identifier)
               ? host_result(host_certificate_install(identifier, certificate, size, key, key_size, password))
               : fail(EINVAL);
}

int CertStore_InstallClientCertificate(const char* identifier, const char* certBlob, size_t certBlobLength,
                                       const char* privateKeyBlob, size_t privateKeyBlobLength, const char* privateKeyPassword)
{
    if (identifier == NULL || certBlob == NULL || privateKeyBlob == NULL)
    {
        return fail(EFAULT);
    }
    if (!is_size(certBlobLength) || !is_size(privateKeyBlobLength) ||
        (privateKeyPassword != NULL && strnlen(privateKeyPassword, CERTSTORE_MAX_PRIVATE_KEY_PASSWORD_LENGTH + 1) >
                                           CERTSTORE_MAX_PRIVATE_KEY_PASSWORD_LENGTH))
    {
        return fail(ERANGE);
    }
    return install(identifier, certBlob, certBlobLength, privateKeyBlob, privateKeyBlobLength, privateKeyPassword);
}

int CertStore_InstallRootCACertificate(const char* identifier, const char* certBlob, size_t certBlobLength)
{
    if (identifier == NULL || certBlob == NULL)
    {
        return fail(EFAULT);
    }
    return is_size(certBlobLength) ? install(identifier, certBlob, certBlobLength, NULL, 0, NULL) : fail(ERANGE);
}

int CertStore_DeleteCertificate(const char* identifier)
{
    return identifier == NULL ? fail(EFAULT) : host_result(host_certificate_delete(identifier));
}

int CertStore_MoveCertificate(const char* oldIdentifier, const char* newIdentifier)
{
    if (oldIdentifier == NULL || newIdentifier == NULL)
    {
        return fail(EFAULT);
    }
    return is_identifier(oldIdentifier) && is_identifier(newIdentifier)
               ? host_result(host_certificate_move(oldIdentifier, newIdentifier))
               : fail(EINVAL);
}

ssize_t CertStore_GetCertificateCount(void)
{
    return host_result(host_certificate_count());
}

int CertStore_GetCertificateIdentifierAt(size_t index, CertStore_Identifier* outIdentifier)
{
    return outIdentifier == NULL ? fail(EFAULT)
                                 : host_result(host_certificate_at((unsigned)index, outIdentifier->identifier,
                                                                   sizeof(outIdentifier->identifier)));
}

ssize_t CertStore_GetAvailableSpace(void)
{
    return host_result(host_certificate_space());
}

int CertStore_GetCertificateSubjectName(const char* identifier, struct CertStore_SubjectName* outSubjectName)
{
    if (identifier == NULL || outSubjectName == NULL)
    {
        return fail(EFAULT);
    }
    return host_result(
        host_certificate_name(identifier, HOST_CERTIFICATE_SUBJECT, outSubjectName->name, sizeof(outSubjectName->name)));
}

int CertStore_GetCertificateIssuerName(const char* identifier, struct CertStore_IssuerName* outIssuerName)
{
    if (identifier == NULL || outIssuerName == NULL)
    {
        return fail(EFAULT);
    }
    return host_result(
        host_certificate_name(identifier, HOST_CERTIFICATE_ISSUER, outIssuerName->name, sizeof(outIssuerName->name)));
}

static int get_time(const char* identifier, int which, struct tm* result)
{
    double milliseconds;
    time_t seconds;
    if (identifier == NULL || result == NULL)
    {
        return fail(EFAULT);
    }
    if (host_result(host_certificate_time(identifier, which, &milliseconds)) < 0)
    {
        return -1;
    }
    seconds = (time_t)(milliseconds / 1000);
    (void)gmtime_r(&seconds, result);
    return 0;
}

int CertStore_GetCertificateNotBefore(const char* identifier, struct tm* outNotBefore)
{
    return get_time(identifier, HOST_CERTIFICATE_NOT_BEFORE, outNotBefore);
}

int CertStore_GetCertificateNotAfter(const char* identifier, struct tm* outNotAfter)
{
    return get_time(identifier, HOST_CERTIFICATE_NOT_AFTER, outNotAfter);
}
