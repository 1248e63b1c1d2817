// Stands for the parson of another version that an app brings along.
#pragma once

typedef struct json_value_t JSON_Value;

JSON_Value* json_parse_string(const char* text);
void json_value_free(JSON_Value* value);
