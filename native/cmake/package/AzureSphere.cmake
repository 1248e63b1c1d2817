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

# ---- compile

include_directories(
  SYSTEM ${sphere_iot_include} ${sphere_iot_include}/azureiot ${sphere_iot_include}/azureiot/azure_prov_client
         ${sphere_iot_include}/azureiot/azure_c_shared_utility ${sphere_iot_include}/sdk)
# Apps say -Wall -Werror for the device's gcc, which does not know or not mind these. Last, since -Wall would take them back.
string(REPLACE "<FLAGS>" "<FLAGS> -Wno-enum-conversion -Wno-pointer-sign -Wno-unknown-warning-option -Wno-unknown-pragmas"
               CMAKE_C_COMPILE_OBJECT "${CMAKE_C_COMPILE_OBJECT}")

# ---- link

if(EMSCRIPTEN_VERSION VERSION_LESS 3.1.25)
  set(sphere_iot_stack TOTAL_STACK)
else()
  set(sphere_iot_stack STACK_SIZE)
endif()
# Crashes are told with C's function names, and with files and lines in a debug build.
if(CMAKE_BUILD_TYPE STREQUAL Debug)
  set(sphere_iot_debug -gsource-map -Wno-limited-postlink-optimizations)
else()
  set(sphere_iot_debug -g2)
endif()
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)
link_directories(${sphere_iot_lib})
# Before everything else, so that read, close and their like are ours and not the C library's.
string(JOIN " " CMAKE_EXE_LINKER_FLAGS
  "${sphere_iot_lib}/libapplibs.a" "${sphere_iot_lib}/libazureiot.a" "${CMAKE_EXE_LINKER_FLAGS}"
  -sSTANDALONE_WASM -sFILESYSTEM=0 -sMALLOC=emmalloc -sALLOW_MEMORY_GROWTH=1 -sINITIAL_MEMORY=1048576
  -s${sphere_iot_stack}=131072 -sASSERTIONS=0
  -sERROR_ON_UNDEFINED_SYMBOLS=0 -sWARN_ON_UNDEFINED_SYMBOLS=0 ${sphere_iot_debug})
foreach(name IN ITEMS abort emscripten_memcpy_big pthread_cond_broadcast pthread_cond_init pthread_cond_signal
                      pthread_cond_timedwait pthread_cond_wait pthread_condattr_setclock pthread_create sbrk sem_getvalue sem_init sem_post
                      sem_timedwait sem_trywait sem_wait wsio_get_interface_description Prov_Device_LL_Create Prov_Device_LL_Destroy
                      IoTHubDeviceClient_LL_CreateFromDeviceAuth IoTHubDeviceClient_LL_Destroy)
  string(APPEND CMAKE_EXE_LINKER_FLAGS " -Wl,--wrap=${name}")
endforeach()

# ---- the commands

include(${sphere_iot_cmake}/windows-paths.cmake)
include(${sphere_iot_cmake}/includes.cmake)
include(${sphere_iot_cmake}/hardware.cmake)
include(${sphere_iot_cmake}/image-package.cmake)

cmake_policy(POP)
