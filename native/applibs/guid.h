// How long the text of a GUID is.
#ifndef SPHERE_IOT_GUID_H
#define SPHERE_IOT_GUID_H

#define GUID_LENGTH 36

#endif
