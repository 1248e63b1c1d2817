# What apps of the first SDKs include, after their add_executable. ADDITIONAL_APPROOT_INCLUDES: more files of the image package.
azsphere_target_add_image_package(${PROJECT_NAME} RESOURCE_FILES ${ADDITIONAL_APPROOT_INCLUDES})
