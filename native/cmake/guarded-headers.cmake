# On the device an app rarely meets the SDK's utility headers, since hardly any is installed there. Here they come with the
# SDK's public ones, and their include guards (MAP_H, LIST_H, LOCK_H) may be those of the app's own headers. So a header of
# the same name stands before each: it lets the SDK's in whatever the app has defined, and leaves no guard behind. #import, since
# the SDK's headers also include each other as neighbours: with it clang reads each only once, also without its guard.

# Writes one into TO for each header in FROM; FOLDER is how they are included.
function(write_guarded_headers FROM TO FOLDER)
  file(GLOB headers CONFIGURE_DEPENDS ${FROM}/*.h)
  foreach(header IN LISTS headers)
    get_filename_component(name ${header} NAME)
    file(STRINGS ${header} guard REGEX "^#ifndef [A-Z0-9_]+$" LIMIT_COUNT 1)
    if(NOT guard)
      continue()
    endif()
    string(REPLACE "#ifndef " "" guard "${guard}")
    string(TOUPPER ${name} upper)
    string(MAKE_C_IDENTIFIER "SPHERE_IOT_${upper}" own)
    file(CONFIGURE OUTPUT ${TO}/${name} @ONLY CONTENT [[
#ifndef @own@
#define @own@
#pragma GCC system_header
#pragma push_macro("@guard@")
#undef @guard@
#import "../../sdk/@FOLDER@/@name@"
#pragma pop_macro("@guard@")
#endif
]])
  endforeach()
endfunction()
