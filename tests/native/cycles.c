/* Does memory come back? Loads and frees a model, and creates, uses and frees sessions, many times, and compares resident memory.
 *   cycles MODEL.gguf [CYCLES]        (1000)
 *
 * Resident memory is read in every cycle, where a model is loaded and two sessions have read; compared are the mean of the last tenth of
 * the warming up (half as many cycles again, until the collector has settled) and the mean of the last tenth of all. glibc by itself
 * keeps up to some megabytes of every thread's frees, more or less by chance; this program forbids it that, to see the library's own. */
#include "check.h"

#include <malloc.h>
#include <unistd.h>

static double resident_kib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%*s %ld", &pages) == 1);
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static double use(ahn_model *model)
{
    ahn_session *session, *fork;
    answer to = {{0}, 0, 0, 0};
    ahn_generation_options options = ahn_generation_defaults();
    double resident;
    options.max_tokens = 4;
    CHECK(ahn_session_create(model, NULL, &session) == AHN_OK);
    CHECK(ahn_session_feed(session, "The code of Oliver is " CODE ".", AHN_TO_NUL, NULL, NULL) == AHN_OK);
    CHECK(ahn_session_fork(session, &fork) == AHN_OK);
    CHECK(ahn_session_generate(fork, QUESTION, AHN_TO_NUL, &options, gather, &to) == AHN_OK);
    resident = resident_kib();
    CHECK(ahn_session_free(session) == AHN_OK && ahn_session_free(fork) == AHN_OK);
    return resident;
}

static double load_use_free(const char *path, ahn_model *unused)
{
    ahn_model *model;
    double resident;
    (void)unused;
    CHECK(ahn_model_load(path, NULL, &model) == AHN_OK);
    resident = use(model);
    CHECK(ahn_model_free(model) == AHN_OK);
    return resident;
}

static double use_one(const char *path, ahn_model *model)
{
    (void)path;
    return use(model);
}

static int holds(const char *what, int cycles, double (*cycle)(const char *, ahn_model *), const char *path, ahn_model *model)
{
    int warm = cycles / 2 + 1, tenth = cycles / 10 + 1;
    double warmed = 0, ended = 0, most = 0;
    for (int i = 0; i < warm + cycles; i++) {
        double resident = cycle(path, model);
        if (i >= warm - tenth && i < warm) warmed += resident / tenth;
        if (i >= warm + cycles - tenth) ended += resident / tenth;
        if (i >= warm && resident > most) most = resident;
    }
    printf("%d x %s: resident %.0f KiB warmed up, %.0f KiB at the end (%+.2f %%), at most %.0f; %.0f after the last free\n", cycles, what, warmed, ended,
           100 * (ended / warmed - 1), most, resident_kib());
    return ended <= 1.01 * warmed;
}

int main(int count, char **arguments)
{
    ahn_model *model;
    int cycles = count > 2 ? atoi(arguments[2]) : 1000, held;
    CHECK(count > 1 && cycles > 0 && mallopt(M_MMAP_THRESHOLD, 128 * 1024) == 1);
    /* A collector that had not settled has a second round to do so; a leak shows in that as well. */
    held = holds("model loaded, sessions used, all freed", cycles, load_use_free, arguments[1], NULL)
        || holds("model loaded, sessions used, all freed, again", cycles, load_use_free, arguments[1], NULL);
    CHECK(ahn_model_load(arguments[1], NULL, &model) == AHN_OK);
    held &= holds("session created, read, forked, asked, freed", cycles, use_one, arguments[1], model)
        || holds("session created, read, forked, asked, freed, again", cycles, use_one, arguments[1], model);
    CHECK(ahn_model_free(model) == AHN_OK);
    if (!held) fprintf(stderr, "expected resident memory to grow by at most 1 %%\n");
    return !held;
}
