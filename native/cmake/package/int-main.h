// Included before a source file whose main returns nothing, which clang refuses and the device's gcc does not.
#ifdef SPHERE_IOT_MAIN_TAKES_ARGUMENTS
void sphere_iot_void_main(int argc, char** argv);
int main(int argc, char** argv)
{
    sphere_iot_void_main(argc, argv);
    return 0;
}
#else
void sphere_iot_void_main(void);
int main(void)
{
    sphere_iot_void_main();
    return 0;
}
#endif
#define main sphere_iot_void_main
