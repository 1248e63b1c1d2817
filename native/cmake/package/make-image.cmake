# What apps of the first SDKs include, after their add_executable.
azsphere_target_add_image_package(${PROJECT_NAME})
