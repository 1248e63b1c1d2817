// Which names curl can resolve.
#include <netdb.h>
#include <stdlib.h>

#include "host.h"

// What curl_addrinfo.c calls in the place of getaddrinfo. As getaddrinfo; but a name that leads nowhere at the port is not known
// (EAI_NONAME), so that a transfer ends with CURLE_COULDNT_RESOLVE_HOST. An app that opens sockets itself learns it when it connects.
int curl_getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** found)
{
    int result = getaddrinfo(node, service, hints, found);
    if (result == 0 && node != NULL && service != NULL && host_inet_leads_somewhere(node, atoi(service)) == 0)
    {
        freeaddrinfo(*found);
        *found = NULL;
        return EAI_NONAME;
    }
    return result;
}
