// abort ends the app as a crash does, with the stack for the developer to see; the C library's would be an exit with 1. The
// linker's --wrap puts this in its place.
_Noreturn void __wrap_abort(void);

_Noreturn void __wrap_abort(void)
{
    __builtin_trap();
}
