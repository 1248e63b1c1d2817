// What certstore.h and wificonfig.h both name.
#ifndef APPLIBS_CERTSTORE_STRUCTS_H
#define APPLIBS_CERTSTORE_STRUCTS_H

// Characters at most, without the NUL.
#define CERTSTORE_MAX_IDENTIFIER_LENGTH 16
#define CERTSTORE_SUBJECTNAME_MAX_LENGTH 300
#define CERTSTORE_ISSUERNAME_MAX_LENGTH 300

// What a certificate is stored under.
typedef struct CertStore_Identifier
{
    char identifier[CERTSTORE_MAX_IDENTIFIER_LENGTH + 1];
} CertStore_Identifier;

typedef struct CertStore_SubjectName
{
    char name[CERTSTORE_SUBJECTNAME_MAX_LENGTH + 1];
} CertStore_SubjectName;

typedef struct CertStore_IssuerName
{
    char name[CERTSTORE_ISSUERNAME_MAX_LENGTH + 1];
} CertStore_IssuerName;

#endif
