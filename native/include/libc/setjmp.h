// The C library's, with sigsetjmp and siglongjmp, which keep the signal mask: there they are other names of setjmp and longjmp.
#include_next <setjmp.h>

#if !defined(SPHERE_IOT_SETJMP_H) && defined(sigsetjmp) && defined(__EMSCRIPTEN__)
#define SPHERE_IOT_SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif

void sphere_app_save_signal_mask(struct __jmp_buf_tag* buffer, int save);
void sphere_app_restore_signal_mask(const struct __jmp_buf_tag* buffer);

#ifdef __cplusplus
}
#endif

#undef sigsetjmp
#undef siglongjmp
#define sigsetjmp(buffer, save) (sphere_app_save_signal_mask((buffer), (save)), setjmp(buffer))
#define siglongjmp(buffer, value) (sphere_app_restore_signal_mask(buffer), longjmp((buffer), (value)))

#endif
