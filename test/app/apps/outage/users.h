// Whoever uses the network, each in two ways. What came of it is a word: "ok", "silent", or an error's name.
#pragma once

#define THERE "there.contoso.com"
// Seconds that an answer may take.
#define PATIENCE 3

typedef struct
{
    const char* name;
    void (*start)(void);
    // By a connection that is kept.
    const char* (*kept)(void);
    // By a new one, from the look-up of the name on.
    const char* (*fresh)(void);
} User;

extern const User tcpUser;
extern const User addressUser; // whose new connections need no look-up
extern const User udpUser;
extern const User curlUser;
extern const User wolfUser;

// A socket that is connected to a port of THERE and has PATIENCE; -1: *why says why not.
int ConnectThere(int type, const char* port, const char** why);
const char* NameOfErrno(void);

// A server that sends back what it gets. Does not return.
void RunServer(void);

// The SDK, which tells of itself. Does not return.
void RunHub(const char* connectionString);
