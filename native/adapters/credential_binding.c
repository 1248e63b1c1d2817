#include "credential_binding.h"

#include "host.h"

static int last = 0;

int credential_binding_make(void)
{
    last = host_credential_bind();
    return last;
}

int credential_binding_take_last(void)
{
    int binding = last;
    last = 0;
    return binding;
}
