// Texts that may be keys.
#ifndef SPHERE_IOT_SECRET_TEXT_H
#define SPHERE_IOT_SECRET_TEXT_H

// Overwrites a text and frees it; NULL is fine.
void secret_text_free(char* text);

#endif
