// Names of hosts. The host gives each name an address of its own, and knows which name it stands for when it is connected to.
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "host.h"

typedef struct RESULT_TAG
{
    struct addrinfo info;
    struct sockaddr_in address;
} RESULT;

// The services that getaddrinfo knows by name.
static const struct
{
    const char* name;
    int port;
} services[] = {{"http", 80}, {"https", 443}, {"mqtt", 1883}, {"secure-mqtt", 8883}, {"ntp", 123}, {"domain", 53}};

// -1: there is no such service.
static int port_of(const char* service, int flags)
{
    char* end;
    long port;
    if (service == NULL || *service == '\0')
    {
        return 0;
    }
    port = strtol(service, &end, 10);
    if (*end == '\0')
    {
        return port >= 0 && port <= UINT16_MAX ? (int)port : -1;
    }
    for (size_t i = 0; (flags & AI_NUMERICSERV) == 0 && i < sizeof(services) / sizeof(services[0]); i++)
    {
        if (strcmp(services[i].name, service) == 0)
        {
            return services[i].port;
        }
    }
    return -1;
}

// The address of a node in host order; 0 or EAI_….
static int look_up(const char* node, int flags, uint32_t* ip)
{
    struct in_addr literal;
    int result;
    if (node == NULL)
    {
        *ip = (flags & AI_PASSIVE) != 0 ? INADDR_ANY : INADDR_LOOPBACK;
        return 0;
    }
    if (inet_aton(node, &literal) != 0)
    {
        *ip = ntohl(literal.s_addr);
        return 0;
    }
    if ((flags & AI_NUMERICHOST) != 0)
    {
        return EAI_NONAME;
    }
    result = host_inet_look_up(node, ip);
    return result == 0 ? 0 : result == HOST_ERROR_AGAIN ? EAI_AGAIN : EAI_NONAME;
}

// Adds a result at the front; 0 or EAI_MEMORY.
static int add(struct addrinfo** list, int type, uint32_t ip, int port)
{
    RESULT* result = calloc(1, sizeof(RESULT));
    if (result == NULL)
    {
        return EAI_MEMORY;
    }
    result->address.sin_family = AF_INET;
    result->address.sin_port = htons((in_port_t)port);
    result->address.sin_addr.s_addr = htonl(ip);
    result->info.ai_family = AF_INET;
    result->info.ai_socktype = type;
    result->info.ai_protocol = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
    result->info.ai_addrlen = sizeof(result->address);
    result->info.ai_addr = (struct sockaddr*)&result->address;
    result->info.ai_next = *list;
    *list = &result->info;
    return 0;
}

// 0, or EAI_… for a family or a kind of socket that there is not.
static int check_hints(const struct addrinfo* hints)
{
    if (hints->ai_family == AF_INET6)
    {
        return EAI_NONAME; // no name has such an address
    }
    if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET)
    {
        return EAI_FAMILY;
    }
    return hints->ai_socktype != 0 && hints->ai_socktype != SOCK_STREAM && hints->ai_socktype != SOCK_DGRAM ? EAI_SOCKTYPE : 0;
}

// Adds the results for an address, those of streams first, with the name where it is asked for; 0 or EAI_MEMORY. The caller frees them.
static int add_all(struct addrinfo** list, const char* node, const struct addrinfo* hints, uint32_t ip, int port)
{
    int error = hints->ai_socktype != SOCK_STREAM ? add(list, SOCK_DGRAM, ip, port) : 0;
    if (error == 0 && hints->ai_socktype != SOCK_DGRAM)
    {
        error = add(list, SOCK_STREAM, ip, port);
    }
    if (error == 0 && (hints->ai_flags & AI_CANONNAME) != 0 && node != NULL)
    {
        (*list)->ai_canonname = strdup(node);
        error = (*list)->ai_canonname == NULL ? EAI_MEMORY : 0;
    }
    return error;
}

int getaddrinfo(const char* restrict node, const char* restrict service, const struct addrinfo* restrict hints,
                struct addrinfo** restrict found)
{
    static const struct addrinfo none = {0};
    struct addrinfo* list = NULL;
    uint32_t ip = 0;
    int error;
    int port;
    hints = hints == NULL ? &none : hints;
    port = port_of(service, hints->ai_flags);
    if (node == NULL && service == NULL)
    {
        return EAI_NONAME;
    }
    error = check_hints(hints);
    if (error != 0)
    {
        return error;
    }
    if (port < 0)
    {
        return EAI_SERVICE;
    }
    error = look_up(node, hints->ai_flags, &ip);
    if (error == 0)
    {
        error = add_all(&list, node, hints, ip, port);
    }
    if (error != 0)
    {
        freeaddrinfo(list);
        return error;
    }
    *found = list;
    return 0;
}

void freeaddrinfo(struct addrinfo* list)
{
    while (list != NULL)
    {
        struct addrinfo* next = list->ai_next;
        free(list->ai_canonname);
        free(list);
        list = next;
    }
}

// Addresses only: there is nobody to ask for the name of one.
int getnameinfo(const struct sockaddr* restrict address, socklen_t size, char* restrict node, socklen_t node_size,
                char* restrict service, socklen_t service_size, int flags)
{
    const struct sockaddr_in* internet = (const struct sockaddr_in*)address;
    if (size < sizeof(*internet) || internet->sin_family != AF_INET)
    {
        return EAI_FAMILY;
    }
    if ((flags & NI_NAMEREQD) != 0 && node != NULL)
    {
        return EAI_NONAME;
    }
    if (node != NULL && node_size > 0 && inet_ntop(AF_INET, &internet->sin_addr, node, node_size) == NULL)
    {
        return EAI_OVERFLOW;
    }
    if (service != NULL && service_size > 0 &&
        snprintf(service, service_size, "%d", ntohs(internet->sin_port)) >= (int)service_size)
    {
        return EAI_OVERFLOW;
    }
    return 0;
}

struct hostent* gethostbyname(const char* name)
{
    static struct in_addr address;
    static char* addresses[] = {(char*)&address, NULL};
    static char* aliases[] = {NULL};
    static char kept[256];
    static struct hostent entry = {
        .h_name = kept, .h_aliases = aliases, .h_addrtype = AF_INET, .h_length = sizeof(address), .h_addr_list = addresses};
    uint32_t ip;
    int error = name == NULL || strlen(name) >= sizeof(kept) ? EAI_NONAME : look_up(name, 0, &ip);
    if (error != 0)
    {
        h_errno = error == EAI_AGAIN ? TRY_AGAIN : HOST_NOT_FOUND;
        return NULL;
    }
    (void)strcpy(kept, name);
    address.s_addr = htonl(ip);
    return &entry;
}
