# What a Sphere app's CMakeLists.txt finds: the azsphere_… commands, the include paths, the libraries under their link names.
#
# To be included after project(), without a word of it in the app's own file:
#   emcmake cmake -G Ninja -D CMAKE_PROJECT_INCLUDE=…/AzureSphere.cmake …
# SPHERE_IOT_HARDWARE_DEFINITIONS: more folders with hardware definitions.
include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.20)

if(NOT EMSCRIPTEN)
  message(FATAL_ERROR "A Sphere app is built with Emscripten here: configure with emcmake, or with sphere-iot.")
endif()

set(sphere_iot_cmake ${CMAKE_CURRENT_LIST_DIR})
include(${sphere_iot_cmake}/sdk.cmake)
set(sphere_iot_include ${AZURE_SPHERE_API_SET_DIR}/usr/include)
set(sphere_iot_lib ${AZURE_SPHERE_API_SET_DIR}/usr/lib)

if(NOT SPHERE_IOT_WASM_OPT)
  execute_process(COMMAND em-config BINARYEN_ROOT OUTPUT_VARIABLE sphere_iot_binaryen OUTPUT_STRIP_TRAILING_WHITESPACE)
  find_program(SPHERE_IOT_WASM_OPT wasm-opt HINTS ${sphere_iot_binaryen}/bin REQUIRED)
endif()
find_program(SPHERE_IOT_NODE node REQUIRED)

# Sets OUTPUT to PATH as a word of a command in build.ninja: quoted for the shell, and for ninja, which knows $.
function(sphere_iot_quoted OUTPUT PATH)
  string(REPLACE "'" "'\\''" path "${PATH}")
  string(REPLACE "$" "$$" path "${path}")
  set(${OUTPUT} "'${path}'" PARENT_SCOPE)
endfunction()
sphere_iot_quoted(sphere_iot_node_word "${SPHERE_IOT_NODE}")

# ---- compile

include_directories(
  SYSTEM ${sphere_iot_include} ${sphere_iot_include}/azureiot ${sphere_iot_include}/azureiot/azure_prov_client
         ${sphere_iot_include}/azureiot/azure_c_shared_utility ${sphere_iot_include}/sdk-guarded ${sphere_iot_include}/sdk)
# What an app has CMake check (check_include_file) finds the same headers, and links nothing, as with the SDK.
list(APPEND CMAKE_REQUIRED_INCLUDES ${sphere_iot_include} ${sphere_iot_include}/azureiot)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
# As the device's gcc does it: its dialect of C, the types and signs that it has on ARM, and no error where it only warns. The
# switches that an app names come after the dialect, and before what is said of errors.
set(sphere_iot_dialect_C "-std=c11 -D_POSIX_C_SOURCE")
set(sphere_iot_dialect_CXX "")
sphere_iot_quoted(sphere_iot_device_types "${sphere_iot_cmake}/device-types.h")
sphere_iot_quoted(sphere_iot_warnings "${sphere_iot_cmake}/warnings.txt")
sphere_iot_quoted(sphere_iot_compile_cxx "${sphere_iot_cmake}/compile-cxx.cjs")
foreach(language IN ITEMS C CXX)
  string(REPLACE "<DEFINES>" "${sphere_iot_dialect_${language}} -funsigned-char -include ${sphere_iot_device_types} <DEFINES>"
                 CMAKE_${language}_COMPILE_OBJECT "${CMAKE_${language}_COMPILE_OBJECT}")
  # Marks the app's own functions for instrument.cjs, also where a target sets its options anew. The device's gcc does not take
  # loops that do nothing to come to an end, nor writes through NULL never to happen.
  string(REPLACE "<FLAGS>" "<FLAGS> -fsanitize-coverage=func,trace-pc -fno-finite-loops -fno-delete-null-pointer-checks -Wno-error @${sphere_iot_warnings}"
                 CMAKE_${language}_COMPILE_OBJECT "${CMAKE_${language}_COMPILE_OBJECT}")
endforeach()
string(PREPEND CMAKE_CXX_COMPILE_OBJECT "${sphere_iot_node_word} ${sphere_iot_compile_cxx} ")
# The device's curl is older: no warnings of what has been deprecated since, and none of types that it did not check.
add_compile_definitions(CURL_DISABLE_DEPRECATION CURL_DISABLE_TYPECHECK)

# ---- link

if(EMSCRIPTEN_VERSION VERSION_LESS 3.1.25)
  set(sphere_iot_stack TOTAL_STACK)
else()
  set(sphere_iot_stack STACK_SIZE)
endif()
# Nothing is below it, so that a write through NULL is seen (src/app/host-calls.ts). With it, the stack does not come first.
set(sphere_iot_global_base 4096)
# Crashes are told with C's function names, and with files and lines in a debug build.
if(CMAKE_BUILD_TYPE STREQUAL Debug)
  set(sphere_iot_debug -gsource-map -Wno-limited-postlink-optimizations)
else()
  set(sphere_iot_debug -g2)
endif()
get_filename_component(sphere_iot_archives ${sphere_iot_cmake}/../lib ABSOLUTE)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)
link_directories(BEFORE ${sphere_iot_lib})
string(JOIN " " CMAKE_EXE_LINKER_FLAGS
  "${CMAKE_EXE_LINKER_FLAGS}"
  -sSTANDALONE_WASM -sWASM_BIGINT -sFILESYSTEM=0 -sMALLOC=emmalloc -sALLOW_MEMORY_GROWTH=1 -sINITIAL_MEMORY=1048576
  -s${sphere_iot_stack}=131072 -sGLOBAL_BASE=${sphere_iot_global_base} -sASSERTIONS=0
  -sERROR_ON_UNDEFINED_SYMBOLS=0 -sWARN_ON_UNDEFINED_SYMBOLS=0 ${sphere_iot_debug})
# Called by what instrument.cjs adds.
string(APPEND CMAKE_EXE_LINKER_FLAGS " -Wl,--undefined=sphere_app_yield -Wl,--undefined=sphere_app_watch")
sphere_iot_quoted(sphere_iot_link_app "${sphere_iot_cmake}/link-app.cjs")
sphere_iot_quoted(sphere_iot_archives_word "${sphere_iot_archives}")
foreach(language IN ITEMS C CXX)
  string(PREPEND CMAKE_${language}_LINK_EXECUTABLE
         "${sphere_iot_node_word} ${sphere_iot_link_app} ${sphere_iot_archives_word} <TARGET>.link ")
endforeach()

# ---- the commands

include(${sphere_iot_cmake}/windows-paths.cmake)
include(${sphere_iot_cmake}/includes.cmake)
include(${sphere_iot_cmake}/device-switches.cmake)
include(${sphere_iot_cmake}/hardware.cmake)
include(${sphere_iot_cmake}/image-package.cmake)

cmake_policy(POP)
