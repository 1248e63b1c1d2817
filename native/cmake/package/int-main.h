// Included before a source file whose main is none that C's library calls: it returns something other than an int, or takes one
// parameter or three. The device's gcc takes each. compile-again.cjs says what it returns, takes, and is called with.
SPHERE_IOT_MAIN_RESULT sphere_iot_main(SPHERE_IOT_MAIN_PARAMETERS);
int main(int argc, char** argv)
{
    extern char** environ;
    (void)argc;
    (void)argv;
    (void)environ;
    SPHERE_IOT_MAIN_CALL;
}
#define main sphere_iot_main
