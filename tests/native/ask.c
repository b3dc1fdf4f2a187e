/* The smallest whole use: reads a text file with a model, asks one question, prints the answer as it comes.
 *   ask MODEL.gguf TEXT QUESTION        (TEXT "-": standard input) */
#include "ahnsharp.h"

#include <stdio.h>
#include <stdlib.h>

static int print_piece(const char *text, size_t length, void *user)
{
    (void)length;
    fputs(text, user);
    return fflush(user);
}

static int print_progress(const ahn_progress *progress, void *user)
{
    fprintf(user, "\rread %lld of %lld tokens, %lld exactly, %lld in memory", (long long)progress->tokens_read, (long long)progress->tokens_total,
            (long long)progress->tokens_exact, (long long)progress->tokens_compressed);
    return 0;
}

static char *read_all(const char *path, size_t *length)
{
    FILE *file = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    char *text = NULL;
    size_t room = 0;
    *length = 0;
    if (!file) return NULL;
    do {
        char *larger = realloc(text, room = room * 2 + 65536);
        if (!larger) break;
        text = larger;
        *length += fread(text + *length, 1, room - *length, file);
    } while (*length == room);
    if (file != stdin) fclose(file);
    return text;
}

int main(int count, char **arguments)
{
    ahn_model *model = NULL;
    ahn_session *session = NULL;
    size_t length;
    char *text;
    int failed;

    if (count != 4) {
        fputs("usage: ask MODEL.gguf TEXT QUESTION\n", stderr);
        return 2;
    }
    if (ahn_abi_version() != AHN_ABI_VERSION) {
        fprintf(stderr, "expected version %d of the interface, found %d\n", AHN_ABI_VERSION, ahn_abi_version());
        return 1;
    }
    if (!(text = read_all(arguments[2], &length))) {
        perror(arguments[2]);
        return 1;
    }
    failed = ahn_model_load(arguments[1], NULL, &model)
        || ahn_session_create(model, NULL, &session)
        || ahn_session_feed(session, text, length, print_progress, stderr)
        || fputc('\n', stderr) == EOF
        || ahn_session_generate(session, arguments[3], AHN_TO_NUL, NULL, print_piece, stdout);
    if (failed) fprintf(stderr, "%s\n", ahn_last_error());
    else putchar('\n');
    ahn_session_free(session);
    ahn_model_free(model);
    free(text);
    return failed;
}
