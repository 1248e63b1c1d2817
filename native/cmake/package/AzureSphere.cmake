# What a Sphere app's CMakeLists.txt finds: the azsphere_… commands, the include paths, the libraries under their link names.
#
# To be included after project(), without a word of it in the app's own file:
#   emcmake cmake -G Ninja -D CMAKE_PROJECT_INCLUDE=…/AzureSphere.cmake …
# SPHERE_IOT_HARDWARE_DEFINITIONS: more folders with hardware definitions.
include_guard(GLOBAL)

if(NOT EMSCRIPTEN)
  message(FATAL_ERROR "A Sphere app is built with Emscripten here: configure with emcmake, or with sphere-iot.")
endif()

get_filename_component(sphere_iot_folder "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
set(AZURE_SPHERE_API_SET_DIR ${sphere_iot_folder}/sysroot)
set(sphere_iot_cmake ${CMAKE_CURRENT_LIST_DIR})
set(sphere_iot_hardware ${sphere_iot_cmake}/hardware)
set(sphere_iot_include ${AZURE_SPHERE_API_SET_DIR}/usr/include)
set(sphere_iot_lib ${AZURE_SPHERE_API_SET_DIR}/usr/lib)
# Older apps include a file by this name to make their image package.
set(AZURE_SPHERE_MAKE_IMAGE_FILE ${CMAKE_CURRENT_LIST_DIR}/make-image.cmake)

execute_process(COMMAND em-config BINARYEN_ROOT OUTPUT_VARIABLE sphere_iot_binaryen OUTPUT_STRIP_TRAILING_WHITESPACE)
find_program(SPHERE_IOT_WASM_OPT wasm-opt HINTS ${sphere_iot_binaryen}/bin REQUIRED)
find_program(SPHERE_IOT_NODE node REQUIRED)

# Lets apps write <folder\header.h> for the headers in FROM.
function(sphere_iot_add_back_slashes FROM TO)
  execute_process(COMMAND ${SPHERE_IOT_NODE} ${sphere_iot_cmake}/back-slashes.cjs ${FROM} ${TO} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# ---- compile

sphere_iot_add_back_slashes(${sphere_iot_include} ${CMAKE_BINARY_DIR}/back-slashes)
include_directories(
  SYSTEM ${CMAKE_BINARY_DIR}/back-slashes ${sphere_iot_include} ${sphere_iot_include}/azureiot ${sphere_iot_include}/azureiot/azure_prov_client
         ${sphere_iot_include}/azureiot/azure_c_shared_utility ${sphere_iot_include}/sdk)
# Apps say -Wall -Werror for the device's gcc, which does not know or not mind these. Last, since -Wall would take them back.
string(REPLACE "<FLAGS>" "<FLAGS> -Wno-enum-conversion -Wno-pointer-sign -Wno-unknown-warning-option -Wno-unknown-pragmas"
               CMAKE_C_COMPILE_OBJECT "${CMAKE_C_COMPILE_OBJECT}")

# Marks the app's own functions for instrument.cjs. The device's gcc does not take loops that do nothing to come to an end, nor
# writes through NULL never to happen.
add_compile_options(
  "$<$<COMPILE_LANGUAGE:C,CXX>:SHELL:-fsanitize-coverage=func,trace-pc -fno-finite-loops -fno-delete-null-pointer-checks>")

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
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)
link_directories(${sphere_iot_lib})
# Before everything else, so that read, close and their like are ours and not the C library's.
string(JOIN " " CMAKE_EXE_LINKER_FLAGS
  "${sphere_iot_lib}/libapplibs.a" "${sphere_iot_lib}/libazureiot.a" "${CMAKE_EXE_LINKER_FLAGS}"
  -sSTANDALONE_WASM -sFILESYSTEM=0 -sMALLOC=emmalloc -sALLOW_MEMORY_GROWTH=1 -sINITIAL_MEMORY=1048576
  -s${sphere_iot_stack}=131072 -sGLOBAL_BASE=${sphere_iot_global_base} -sASSERTIONS=0
  -sERROR_ON_UNDEFINED_SYMBOLS=0 -sWARN_ON_UNDEFINED_SYMBOLS=0 ${sphere_iot_debug})
# Called by what instrument.cjs adds.
string(APPEND CMAKE_EXE_LINKER_FLAGS " -Wl,--undefined=sphere_app_yield")
foreach(name IN ITEMS abort emscripten_memcpy_big pthread_cond_broadcast pthread_cond_init pthread_cond_signal
                      pthread_cond_timedwait pthread_cond_wait pthread_condattr_setclock pthread_create sbrk sem_getvalue sem_init sem_post
                      sem_timedwait sem_trywait sem_wait wsio_get_interface_description Prov_Device_LL_Create Prov_Device_LL_Destroy
                      IoTHubDeviceClient_LL_CreateFromDeviceAuth IoTHubDeviceClient_LL_Destroy)
  string(APPEND CMAKE_EXE_LINKER_FLAGS " -Wl,--wrap=${name}")
endforeach()

# ---- the commands

# Which tools and which API set an app is made for: there is one of each here.
function(azsphere_configure_tools)
endfunction()
function(azsphere_configure_api)
endfunction()

# Finds a hardware definition in FOLDERS; sets OUTPUT.
function(sphere_iot_find_hardware OUTPUT FILE)
  foreach(folder IN LISTS ARGN)
    get_filename_component(folder "${folder}" ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    if(EXISTS "${folder}/${FILE}")
      set(${OUTPUT} "${folder}/${FILE}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  string(JOIN ", " searched ${ARGN})
  message(FATAL_ERROR "The hardware definition ${FILE} is in none of: ${searched}. Name the folder that has it with --hardware-definitions.")
endfunction()

# Makes hw/NAME.h of a hardware definition and of those that it imports, in FOLDER, and adds a line "name type header-value
# manifest-value" for each peripheral to the property sphere_iot_peripherals.
function(sphere_iot_read_hardware FILE FOLDER)
  file(READ ${FILE} json)
  get_filename_component(name ${FILE} NAME_WE)
  get_filename_component(here ${FILE} DIRECTORY)
  string(MAKE_C_IDENTIFIER "HW_${name}_H" guard)
  string(TOUPPER ${guard} guard)
  set(text "// Made from ${name}.json.\n#ifndef ${guard}\n#define ${guard}\n\n")
  string(JSON count ERROR_VARIABLE none LENGTH "${json}" Imports)
  if(count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON import GET "${json}" Imports ${i} Path)
      sphere_iot_find_hardware(imported ${import} ${here} ${ARGN})
      sphere_iot_read_hardware(${imported} ${FOLDER} ${ARGN})
      get_filename_component(imported_name ${imported} NAME_WE)
      string(APPEND text "#include \"${imported_name}.h\"\n")
    endforeach()
  endif()
  string(JSON count ERROR_VARIABLE none LENGTH "${json}" Peripherals)
  if(count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON peripheral GET "${json}" Peripherals ${i})
      string(JSON peripheral_name GET "${peripheral}" Name)
      string(JSON type GET "${peripheral}" Type)
      string(JSON mapping ERROR_VARIABLE absent GET "${peripheral}" Mapping)
      if(absent)
        string(JSON mapping GET "${peripheral}" MainCoreHeaderValue)
      endif()
      string(JSON manifest ERROR_VARIABLE absent GET "${peripheral}" AppManifestValue)
      if(absent)
        set(manifest "${mapping}")
      endif()
      # As in soc/, so that an app may include both.
      string(REGEX REPLACE "^([0-9]+)$" "(\\1)" value "${mapping}")
      string(APPEND text "#define ${peripheral_name} ${value}\n")
      set_property(GLOBAL APPEND PROPERTY sphere_iot_peripherals "${peripheral_name} ${type} ${manifest}")
    endforeach()
  endif()
  file(CONFIGURE OUTPUT ${FOLDER}/hw/${name}.h CONTENT "${text}\n#endif\n" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${FILE})
endfunction()

# TARGET_DIRECTORY: folders with hardware definitions, TARGET_DEFINITION: the file of this app's board.
function(azsphere_target_hardware_definition TARGET)
  cmake_parse_arguments(PARSE_ARGV 1 hardware "" "TARGET_DEFINITION" "TARGET_DIRECTORY")
  set(folders ${hardware_TARGET_DIRECTORY} ${SPHERE_IOT_HARDWARE_DEFINITIONS} ${sphere_iot_hardware})
  sphere_iot_find_hardware(definition ${hardware_TARGET_DEFINITION} ${folders})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/hardware)
  sphere_iot_read_hardware(${definition} ${folder} ${folders})
  sphere_iot_add_back_slashes(${folder} ${folder})
  target_include_directories(${TARGET} PUBLIC ${folder})
endfunction()

# Makes the image package of an app: sphere-iot/app.wasm, the manifest and the RESOURCE_FILES in sphere-iot/package/, and what
# the peripherals of its board are called.
function(azsphere_target_add_image_package TARGET)
  cmake_parse_arguments(PARSE_ARGV 1 image "" "" "RESOURCE_FILES")
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/sphere-iot)
  get_property(peripherals GLOBAL PROPERTY sphere_iot_peripherals)
  list(JOIN peripherals "\n" peripherals)
  file(CONFIGURE OUTPUT ${folder}/peripherals.txt CONTENT "${peripherals}\n" @ONLY)
  set(copies)
  set(copied)
  foreach(file IN ITEMS app_manifest.json LISTS image_RESOURCE_FILES)
    get_filename_component(source "${file}" ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    file(RELATIVE_PATH inside ${CMAKE_CURRENT_SOURCE_DIR} ${source})
    if(NOT EXISTS ${source})
      message(FATAL_ERROR "${file}, a file of the image package, is not in ${CMAKE_CURRENT_SOURCE_DIR}.")
    endif()
    add_custom_command(
      OUTPUT ${folder}/package/${inside} DEPENDS ${source} VERBATIM
      COMMAND ${CMAKE_COMMAND} -E copy ${source} ${folder}/package/${inside})
    list(APPEND copied ${folder}/package/${inside})
  endforeach()
  add_custom_target(${TARGET}-image-package-files ALL DEPENDS ${copied})
  if(CMAKE_BUILD_TYPE STREQUAL Debug)
    set(linked_map $<TARGET_FILE:${TARGET}>.map ${folder}/instrumented.wasm.map)
    set(map --input-source-map ${folder}/instrumented.wasm.map --output-source-map ${folder}/app.wasm.map)
  endif()
  # Asyncify: main blocks, and Node does not.
  add_custom_command(
    OUTPUT ${folder}/app.wasm DEPENDS ${TARGET} VERBATIM
    COMMAND ${SPHERE_IOT_NODE} ${sphere_iot_cmake}/check-imports.cjs $<TARGET_FILE:${TARGET}>
    COMMAND ${SPHERE_IOT_NODE} ${sphere_iot_cmake}/instrument.cjs $<TARGET_FILE:${TARGET}> ${folder}/instrumented.wasm ${linked_map}
    COMMAND ${SPHERE_IOT_WASM_OPT} ${folder}/instrumented.wasm -g --all-features --asyncify
            --pass-arg=asyncify-imports@host.app_wait -O1 --remove-unused-module-elements ${map} -o ${folder}/app.wasm)
  add_custom_target(${TARGET}-image-package ALL DEPENDS ${folder}/app.wasm)
endfunction()
