# image-packages.txt of the build lists those that there are, a line "target folder" for each.
get_property(sphere_iot_is_known GLOBAL PROPERTY SPHERE_IOT_IMAGE_PACKAGES SET)
if(NOT sphere_iot_is_known)
  file(WRITE ${CMAKE_BINARY_DIR}/image-packages.txt "")
endif()

# Makes the image package of an app: sphere-iot/app.wasm, in sphere-iot/package/ the manifest as app_manifest.json and the
# RESOURCE_FILES by their paths; and what is needed to check the manifest before the build: where it is (manifest.txt), and what the
# peripherals of the board are called.
# APP_MANIFEST: a manifest by another name. DEBUG_LIB, the device's library for heap figures, is taken and of no effect.
function(azsphere_target_add_image_package TARGET)
  cmake_parse_arguments(PARSE_ARGV 1 image "" "APP_MANIFEST;DEBUG_LIB" "RESOURCE_FILES")
  sphere_iot_check_keywords(azsphere_target_add_image_package image APP_MANIFEST DEBUG_LIB)
  if(NOT DEFINED image_APP_MANIFEST)
    set(image_APP_MANIFEST app_manifest.json)
  endif()
  # That of a folder's only app has a name that does not depend on it.
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/sphere-iot)
  get_property(others DIRECTORY PROPERTY sphere_iot_image_packages)
  if(others)
    string(APPEND folder -${TARGET})
  endif()
  set_property(DIRECTORY APPEND PROPERTY sphere_iot_image_packages ${TARGET})
  set_property(GLOBAL APPEND_STRING PROPERTY SPHERE_IOT_IMAGE_PACKAGES "${TARGET} ${folder}\n")
  get_property(packages GLOBAL PROPERTY SPHERE_IOT_IMAGE_PACKAGES)
  file(WRITE ${CMAKE_BINARY_DIR}/image-packages.txt "${packages}")
  set_target_properties(${TARGET} PROPERTIES SUFFIX .wasm)
  # Those of the target's own board come last, and win.
  get_property(peripherals GLOBAL PROPERTY SPHERE_IOT_PERIPHERALS)
  file(GENERATE OUTPUT ${folder}/peripherals.txt CONTENT "${peripherals}$<TARGET_PROPERTY:${TARGET},SPHERE_IOT_PERIPHERALS>")
  sphere_iot_package_file(copied ${folder}/package ${image_APP_MANIFEST} app_manifest.json)
  file(WRITE ${folder}/manifest.txt "${copied_from}\n")
  foreach(file IN LISTS image_RESOURCE_FILES)
    sphere_iot_package_file(copy ${folder}/package ${file} ${file})
    list(APPEND copied ${copy})
  endforeach()
  add_custom_target(${TARGET}-image-package-files ALL DEPENDS ${copied})
  set(map --strip-dwarf)
  if(CMAKE_BUILD_TYPE STREQUAL Debug)
    set(linked_map $<TARGET_FILE:${TARGET}>.map ${folder}/instrumented.wasm.map)
    set(map --input-source-map ${folder}/instrumented.wasm.map --output-source-map ${folder}/app.wasm.map)
  endif()
  # Asyncify: main blocks, and Node does not. It makes many locals, and only where it optimises them itself, before it saves them
  # (optimize-level), V8 does not take ten seconds for some programs. -O1 would optimise once more, for another third of the time.
  add_custom_command(
    OUTPUT ${folder}/app.wasm DEPENDS ${TARGET} VERBATIM COMMAND_EXPAND_LISTS
    COMMAND ${SPHERE_IOT_NODE} ${sphere_iot_cmake}/check-imports.cjs $<TARGET_FILE:${TARGET}> ${sphere_iot_archives} ${CMAKE_BINARY_DIR}
            $<TARGET_OBJECTS:${TARGET}>
    COMMAND ${SPHERE_IOT_NODE} ${sphere_iot_cmake}/instrument.cjs $<TARGET_FILE:${TARGET}> ${folder}/instrumented.wasm ${linked_map}
    COMMAND ${SPHERE_IOT_WASM_OPT} ${folder}/instrumented.wasm -g --all-features ${map} --optimize-level=1 --asyncify
            --pass-arg=asyncify-imports@host.app_wait,env.invoke_* --remove-unused-module-elements -o ${folder}/app.wasm)
  add_custom_target(${TARGET}-image-package ALL DEPENDS ${folder}/app.wasm)
  add_dependencies(${TARGET}-image-package ${TARGET}-image-package-files)
endfunction()

# Has a file of the app's folder copied into the package as INSIDE; sets OUTPUT to the copy, and OUTPUT_from to the file.
function(sphere_iot_package_file OUTPUT PACKAGE FILE INSIDE)
  sphere_iot_find_path(source "${FILE}" ${CMAKE_CURRENT_SOURCE_DIR})
  get_filename_component(source "${source}" ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT EXISTS ${source} OR IS_DIRECTORY ${source})
    message(FATAL_ERROR "${FILE}, a file of the image package, is not in ${CMAKE_CURRENT_SOURCE_DIR}.")
  endif()
  string(REPLACE "\\" "/" inside "${INSIDE}")
  get_filename_component(inside "${inside}" ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  file(RELATIVE_PATH inside ${CMAKE_CURRENT_SOURCE_DIR} ${inside})
  set(copy ${PACKAGE}/${inside})
  add_custom_command(OUTPUT ${copy} DEPENDS ${source} VERBATIM COMMAND ${CMAKE_COMMAND} -E copy ${source} ${copy})
  set(${OUTPUT} ${copy} PARENT_SCOPE)
  set(${OUTPUT}_from ${source} PARENT_SCOPE)
endfunction()
