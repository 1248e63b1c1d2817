# What a Sphere app's CMakeLists.txt finds: the azsphere_… commands, the include paths, the libraries under their link names.
#
# To be included after project(), without a word of it in the app's own file:
#   emcmake cmake -G Ninja -D CMAKE_PROJECT_INCLUDE=…/AzureSphere.cmake …
# SPHERE_IOT_HARDWARE_DEFINITIONS: more folders with hardware definitions.
# Once for each folder with a project() that is in none: an app may have add_subdirectory before its own project().
include_guard(DIRECTORY)
cmake_policy(PUSH)
cmake_policy(VERSION 3.20)

if(NOT EMSCRIPTEN)
  message(FATAL_ERROR "A Sphere app is built with Emscripten here: configure with emcmake, or with sphere-iot.")
endif()

set(sphere_iot_cmake ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "")
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
# So that no check asks emcc for them.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES EMSCRIPTEN_VERSION CMAKE_C_COMPILER_VERSION CMAKE_CXX_COMPILER_VERSION)
# Emscripten's own check_type_size runs a program.
list(PREPEND CMAKE_MODULE_PATH ${sphere_iot_cmake}/modules)
# sphere-iot configures with compilers that are compile.sh already; emcmake does with emcc itself.
if(NOT SPHERE_IOT_COMPILERS)
  sphere_iot_quoted(sphere_iot_compile "${sphere_iot_cmake}/compile.sh")
  foreach(language IN ITEMS C CXX)
    string(TOLOWER "${language}" sphere_iot_language)
    string(REPLACE "<CMAKE_${language}_COMPILER>"
                   "sh ${sphere_iot_compile} ${sphere_iot_language} ${sphere_iot_node_word} <CMAKE_${language}_COMPILER>"
                   CMAKE_${language}_COMPILE_OBJECT "${CMAKE_${language}_COMPILE_OBJECT}")
  endforeach()
endif()
# The device's curl is older: no warnings of what has been deprecated since, and none of types that it did not check.
add_compile_definitions(CURL_DISABLE_DEPRECATION CURL_DISABLE_TYPECHECK)

# An app's asserts hold here, as in the configuration that the device's tools take unless they are told otherwise.
foreach(language IN ITEMS C CXX)
  string(REPLACE "-DNDEBUG" "" CMAKE_${language}_FLAGS_RELEASE "${CMAKE_${language}_FLAGS_RELEASE}")
endforeach()

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
get_filename_component(sphere_iot_archives ${sphere_iot_cmake}/../lib ABSOLUTE)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)
link_directories(BEFORE ${sphere_iot_lib})
# -sGLOBAL_BASE: nothing is below it, so that a write through NULL is seen (src/app/program/host-calls.ts). With it, the stack does not come first.
file(STRINGS ${sphere_iot_cmake}/link-switches.txt sphere_iot_link_switches)
string(JOIN " " CMAKE_EXE_LINKER_FLAGS
  "${CMAKE_EXE_LINKER_FLAGS}" ${sphere_iot_link_switches} -s${sphere_iot_stack}=131072 ${sphere_iot_debug})
# Called by what instrument.cjs adds.
string(APPEND CMAKE_EXE_LINKER_FLAGS " -Wl,--undefined=sphere_app_yield -Wl,--undefined=sphere_app_watch -Wl,--undefined=sphere_app_suspended_stack")
sphere_iot_quoted(sphere_iot_link_app "${sphere_iot_cmake}/link-app.cjs")
sphere_iot_quoted(sphere_iot_archives_word "${sphere_iot_archives}")
sphere_iot_quoted(sphere_iot_link_commands "${SPHERE_IOT_LINK}")
foreach(language IN ITEMS C CXX)
  string(PREPEND CMAKE_${language}_LINK_EXECUTABLE
         "${sphere_iot_node_word} ${sphere_iot_link_app} ${sphere_iot_archives_word} <TARGET>.link ${sphere_iot_link_commands} ")
endforeach()

# ---- the commands

include(${sphere_iot_cmake}/windows-paths.cmake)
include(${sphere_iot_cmake}/includes.cmake)
include(${sphere_iot_cmake}/hardware.cmake)
include(${sphere_iot_cmake}/image-package.cmake)

cmake_policy(POP)
