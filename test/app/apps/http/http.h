// What the parts share. The test answers at api.contoso.com, with HTTP at 80 and HTTPS at 443.
#pragma once

#include <applibs/storage.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "../check.h"

#define HTTP "http://api.contoso.com"
#define HTTPS "https://api.contoso.com"

// What came last.
extern char body[400 * 1024];
extern size_t bodySize;
extern char why[CURL_ERROR_SIZE];

// A handle that keeps what comes.
CURL* Make(const char* url);
CURLcode Perform(CURL* handle);
long Status(CURL* handle);
// Of the clock.
long Milliseconds(void);
// To be freed.
char* InPackage(const char* name);

void Together(void);
void EventDriven(void);
void EventDrivenAtOnce(void);
void Waiting(void);
void Nested(void);
void Shared(void);
void Forms(void);
void Texts(void);
void Limits(void);
void Security(void);
