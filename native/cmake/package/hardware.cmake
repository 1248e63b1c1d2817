# Hardware definitions: hw/NAME.h on the include path, and for the manifest what the peripherals of the board are called.

# Makes the headers of a definition, or with an empty DEFINITION of all those in the first folder. Sets INCLUDES to the folders for the
# include path, PERIPHERALS to a line "name type value" for each, and sphere_iot_hardware_error to what is wrong, or to nothing.
function(sphere_iot_read_hardware INCLUDES PERIPHERALS DEFINITION OUTPUT_FOLDER)
  execute_process(
    COMMAND ${SPHERE_IOT_NODE} ${sphere_iot_cmake}/read-hardware.cjs ${OUTPUT_FOLDER} "${DEFINITION}" ${ARGN}
    OUTPUT_VARIABLE output ERROR_VARIABLE error)
  string(STRIP "${error}" error)
  set(sphere_iot_hardware_error "${error}" PARENT_SCOPE)
  foreach(kind IN ITEMS file include peripheral)
    string(REGEX MATCHALL "(^|\n)${kind} [^\n]*" ${kind}s "${output}")
    list(TRANSFORM ${kind}s REPLACE "^\n?${kind} " "")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(folders)
  foreach(folder IN LISTS includes)
    list(APPEND folders ${folder} ${folder}/hw)
  endforeach()
  set(${INCLUDES} ${folders} PARENT_SCOPE)
  list(JOIN peripherals "\n" lines)
  set(${PERIPHERALS} "${lines}\n" PARENT_SCOPE)
endfunction()

# The folders of the arguments as absolute ones, those of --hardware-definitions, and the SDK's.
function(sphere_iot_hardware_folders OUTPUT BASE)
  set(folders)
  foreach(folder IN LISTS ARGN)
    sphere_iot_find_path(found "${folder}" ${BASE})
    get_filename_component(found "${found}" ABSOLUTE BASE_DIR ${BASE})
    list(APPEND folders ${found})
  endforeach()
  set(${OUTPUT} ${folders} ${SPHERE_IOT_HARDWARE_DEFINITIONS} ${AZURE_SPHERE_SDK_PATH}/HardwareDefinitions PARENT_SCOPE)
endfunction()

# TARGET_DIRECTORY: folders with hardware definitions, TARGET_DEFINITION: the file of this app's board.
function(azsphere_target_hardware_definition TARGET)
  cmake_parse_arguments(PARSE_ARGV 1 hardware "" "TARGET_DEFINITION" "TARGET_DIRECTORY")
  sphere_iot_check_keywords(azsphere_target_hardware_definition hardware TARGET_DEFINITION)
  if(NOT DEFINED hardware_TARGET_DEFINITION)
    message(FATAL_ERROR "azsphere_target_hardware_definition needs TARGET_DEFINITION and the file of the board.")
  endif()
  sphere_iot_hardware_folders(folders ${CMAKE_CURRENT_SOURCE_DIR} ${hardware_TARGET_DIRECTORY})
  sphere_iot_read_hardware(includes peripherals ${hardware_TARGET_DEFINITION} ${CMAKE_CURRENT_BINARY_DIR}/hardware/${TARGET} ${folders})
  if(sphere_iot_hardware_error)
    message(FATAL_ERROR "${sphere_iot_hardware_error}")
  endif()
  set_property(GLOBAL PROPERTY SPHERE_IOT_BOARD_ERROR "")
  target_include_directories(${TARGET} SYSTEM PUBLIC ${includes})
  set_property(TARGET ${TARGET} APPEND_STRING PROPERTY SPHERE_IOT_PERIPHERALS "${peripherals}")
endfunction()

# ---- boards that are named outside CMakeLists.txt

# SDKs before 20.04 took the board from two variables; the IDEs kept them in their settings, which sphere-iot reads. An app may have
# them still, and name another board in its CMakeLists.txt: only if it does not, what is wrong with them matters.
function(sphere_iot_check_board)
  get_property(error GLOBAL PROPERTY SPHERE_IOT_BOARD_ERROR)
  if(error)
    message(FATAL_ERROR "${error}")
  endif()
endfunction()
set(sphere_iot_peripherals)
if(AZURE_SPHERE_TARGET_HARDWARE_DEFINITION)
  sphere_iot_hardware_folders(sphere_iot_folders ${CMAKE_SOURCE_DIR} ${AZURE_SPHERE_TARGET_HARDWARE_DEFINITION_DIRECTORY})
  sphere_iot_read_hardware(
    sphere_iot_includes sphere_iot_peripherals ${AZURE_SPHERE_TARGET_HARDWARE_DEFINITION} ${CMAKE_BINARY_DIR}/hardware ${sphere_iot_folders})
  set_property(GLOBAL PROPERTY SPHERE_IOT_BOARD_ERROR "${sphere_iot_hardware_error}")
  cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL sphere_iot_check_board)
  include_directories(SYSTEM ${sphere_iot_includes})
  list(GET sphere_iot_folders 0 AZURE_SPHERE_HW_DIRECTORY)
  set(AZURE_SPHERE_HW_DEFINITION ${AZURE_SPHERE_TARGET_HARDWARE_DEFINITION})
endif()
# What --hardware-definitions names is there for apps too that name no board.
foreach(sphere_iot_folder IN LISTS SPHERE_IOT_HARDWARE_DEFINITIONS)
  string(MD5 sphere_iot_hash ${sphere_iot_folder})
  sphere_iot_read_hardware(
    sphere_iot_includes sphere_iot_more "" ${CMAKE_BINARY_DIR}/hardware/${sphere_iot_hash} ${sphere_iot_folder}
    ${SPHERE_IOT_HARDWARE_DEFINITIONS} ${AZURE_SPHERE_SDK_PATH}/HardwareDefinitions)
  if(sphere_iot_hardware_error)
    message(FATAL_ERROR "${sphere_iot_hardware_error}")
  endif()
  include_directories(SYSTEM ${sphere_iot_includes})
  string(PREPEND sphere_iot_peripherals "${sphere_iot_more}")
endforeach()
include_directories(SYSTEM ${AZURE_SPHERE_SDK_PATH}/HardwareDefinitions/inc ${AZURE_SPHERE_SDK_PATH}/HardwareDefinitions/inc/hw)
set_property(GLOBAL PROPERTY SPHERE_IOT_PERIPHERALS "${sphere_iot_peripherals}")
