// Apps of the first SDKs set the versions of the applibs' structs in a header of their own with this name. Where an app includes it
// and has none, there is nothing to set: the newest versions are the default.
#ifndef SPHERE_IOT_APPLIBS_VERSIONS_H
#define SPHERE_IOT_APPLIBS_VERSIONS_H
#endif
