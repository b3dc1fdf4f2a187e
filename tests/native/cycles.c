/* Does memory come back? Loads and frees a model, and creates, uses and frees sessions, many times, and compares resident memory.
 *   cycles MODEL.gguf [CYCLES]        (1000) */
#include "check.h"

#include <unistd.h>

static long resident_kib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%*s %ld", &pages) == 1);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void use(ahn_model *model)
{
    ahn_session *session, *fork;
    answer to = {{0}, 0, 0, 0};
    ahn_generation_options options = ahn_generation_defaults();
    options.max_tokens = 4;
    CHECK(ahn_session_create(model, NULL, &session) == AHN_OK);
    CHECK(ahn_session_feed(session, "The code of Oliver is " CODE ".", AHN_TO_NUL, NULL, NULL) == AHN_OK);
    CHECK(ahn_session_fork(session, &fork) == AHN_OK);
    CHECK(ahn_session_generate(fork, QUESTION, AHN_TO_NUL, &options, gather, &to) == AHN_OK);
    CHECK(ahn_session_free(session) == AHN_OK && ahn_session_free(fork) == AHN_OK);
}

static void load_and_free(const char *path, ahn_model *unused)
{
    ahn_model *model;
    (void)unused;
    CHECK(ahn_model_load(path, NULL, &model) == AHN_OK);
    use(model);
    CHECK(ahn_model_free(model) == AHN_OK);
}

static void session_alone(const char *path, ahn_model *model)
{
    (void)path;
    use(model);
}

/* Warm: as many cycles as it takes the collector to settle; then the cycles that count. */
static int measure(const char *what, int cycles, void (*cycle)(const char *, ahn_model *), const char *path, ahn_model *model)
{
    int warm = cycles / 2;
    long before, after, most = 0;
    for (int i = 0; i < warm; i++) cycle(path, model);
    before = resident_kib();
    for (int i = 0; i < cycles; i++) {
        cycle(path, model);
        if (resident_kib() > most) most = resident_kib();
    }
    after = resident_kib();
    printf("%d x %s: resident %ld KiB after %d to warm up, %ld KiB at the end (%+.2f %%), most between %ld KiB\n", cycles, what, before, warm, after,
           100.0 * (double)(after - before) / (double)before, most);
    return after <= before + before / 100;
}

int main(int count, char **arguments)
{
    ahn_model *model;
    int cycles = count > 2 ? atoi(arguments[2]) : 1000, held;
    CHECK(count > 1 && cycles > 0);
    held = measure("load, use, free", cycles, load_and_free, arguments[1], NULL);
    CHECK(ahn_model_load(arguments[1], NULL, &model) == AHN_OK);
    held &= measure("session created, read, forked, asked, freed", cycles, session_alone, arguments[1], model);
    CHECK(ahn_model_free(model) == AHN_OK);
    if (!held) fprintf(stderr, "expected resident memory to grow by at most 1 %%\n");
    return !held;
}
