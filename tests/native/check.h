/* What the checks share: a check that fails says where and why, and the process ends. */
#ifndef CHECK_H
#define CHECK_H

#include "ahnsharp.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: expected %s; last error: %s\n", __FILE__, __LINE__, #condition, ahn_last_error()); \
            exit(1); \
        } \
    } while (0)

/* The call gives the status and a sentence with the words. */
#define FAILS(status, words, call) \
    do { \
        ahn_status found = (call); \
        if (found != (status) || !strstr(ahn_last_error(), words)) { \
            fprintf(stderr, "%s:%d: expected status %d and \"%s\", found %d: %s\n", __FILE__, __LINE__, (int)(status), words, (int)found, ahn_last_error()); \
            exit(1); \
        } \
    } while (0)

#define CODE "4827"
#define QUESTION "What is the code of Oliver?"

/* An answer, gathered. */
typedef struct answer {
    char text[512];
    size_t length;
    int pieces, most_pieces; /* most_pieces > 0: stop there */
} answer;

static inline int gather(const char *text, size_t length, void *user)
{
    answer *to = user;
    CHECK(strlen(text) == length && to->length + length < sizeof to->text);
    memcpy(to->text + to->length, text, length + 1);
    to->length += length;
    return ++to->pieces == to->most_pieces;
}

/* The beginning of a book of plain ASCII with the code in it, some characters before its end. */
static inline char *book_with_code(const char *path, size_t characters)
{
    static const char sentence[] = "\n\nThe code of Oliver is " CODE ".\n\n";
    size_t after = 600;
    char *text = malloc(characters + sizeof sentence);
    FILE *file = fopen(path, "rb");
    CHECK(file && text && characters > after && fread(text, 1, characters, file) == characters);
    fclose(file);
    memmove(text + characters - after + sizeof sentence - 1, text + characters - after, after);
    memcpy(text + characters - after, sentence, sizeof sentence - 1);
    text[characters + sizeof sentence - 1] = 0;
    return text;
}

#endif
