// The device's store of certificates for EAP-TLS networks (24 KiB). All of it takes the manifest's capability CertStore: without it EACCES.
//
// An identifier has 1 to 16 of A-Z, a-z, 0-9, '.', '-' and '_': EINVAL. It is one that is stored: ENOENT.
#ifndef APPLIBS_CERTSTORE_H
#define APPLIBS_CERTSTORE_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include <applibs/certstore_structs.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes of a certificate or key, and characters of a password, at most.
#define CERTSTORE_MAX_CERT_SIZE 8192
#define CERTSTORE_MAX_PRIVATE_KEY_PASSWORD_LENGTH 256

// Stores a certificate with its private key, both PEM, in the place of one with this identifier; the password may be NULL. 0, or -1
// with EACCES (also: the key can't be decrypted), EFAULT, ERANGE (a length), EINVAL (also: no certificate, or no key), ENOSPC.
int CertStore_InstallClientCertificate(const char* identifier, const char* certBlob, size_t certBlobLength,
                                       const char* privateKeyBlob, size_t privateKeyBlobLength, const char* privateKeyPassword);
// The same of a root CA's certificate.
int CertStore_InstallRootCACertificate(const char* identifier, const char* certBlob, size_t certBlobLength);
// 0, or -1 with EACCES, EFAULT, ENOENT.
int CertStore_DeleteCertificate(const char* identifier);
// Gives a certificate another identifier, in the place of one that has it. 0, or -1 with EACCES, EFAULT, EINVAL, ENOENT.
int CertStore_MoveCertificate(const char* oldIdentifier, const char* newIdentifier);

// -1 with EACCES.
ssize_t CertStore_GetCertificateCount(void);
// From 0, in no particular order. 0, or -1 with EACCES, EFAULT, ERANGE.
int CertStore_GetCertificateIdentifierAt(size_t index, CertStore_Identifier* outIdentifier);
// Bytes that are left; -1 with EACCES.
ssize_t CertStore_GetAvailableSpace(void);

// Each: 0, or -1 with EACCES, EFAULT, ENOENT. Names are as in /C=US/O=Contoso/CN=root, cut off where there is no room; times are UTC.
int CertStore_GetCertificateSubjectName(const char* identifier, struct CertStore_SubjectName* outSubjectName);
int CertStore_GetCertificateIssuerName(const char* identifier, struct CertStore_IssuerName* outIssuerName);
int CertStore_GetCertificateNotBefore(const char* identifier, struct tm* outNotBefore);
int CertStore_GetCertificateNotAfter(const char* identifier, struct tm* outNotAfter);

#ifdef __cplusplus
}
#endif

#endif
