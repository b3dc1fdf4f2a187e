/* Checks of what fails: every refusal has its status and a sentence that names what is wrong, and nothing is broken by it.
 *   errors MODEL.gguf BOOK FOLDER */
#include "check.h"

#include <pthread.h>

static int stop(void *user) { return ++*(int *)user > 0; }
static int stop_reading(const ahn_progress *progress, void *user) { (void)progress; return ++*(int *)user == 2; }
static int ignore(const char *text, size_t length, void *user) { (void)text; (void)length; (void)user; return 0; }

static void write_file(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0);
}

static void loading(const char *path, const char *folder)
{
    ahn_model_options options = ahn_model_defaults();
    ahn_model *model = NULL;
    char bad[1024];
    int asked = 0;

    FAILS(AHN_FILE_ERROR, "/no/such/model.gguf", ahn_model_load("/no/such/model.gguf", NULL, &model));
    FAILS(AHN_INVALID_ARGUMENT, "path: expected", ahn_model_load(NULL, NULL, &model));
    FAILS(AHN_INVALID_ARGUMENT, "path: expected", ahn_model_load("", NULL, &model));
    FAILS(AHN_INVALID_ARGUMENT, "0xFF at offset 1", ahn_model_load("a\xFF", NULL, &model));
    FAILS(AHN_INVALID_ARGUMENT, "model: expected", ahn_model_load(path, NULL, NULL));
    snprintf(bad, sizeof bad, "%s/bad.gguf", folder);
    write_file(bad, "GGUF\3\0\0\0 and then nothing that fits", 40);
    FAILS(AHN_INVALID_MODEL, "bad.gguf", ahn_model_load(bad, NULL, &model));
    CHECK(remove(bad) == 0);

#define REFUSED(member, value, words) \
    options = ahn_model_defaults(); \
    options.member = value; \
    FAILS(AHN_INVALID_ARGUMENT, words, ahn_model_load(path, &options, &model))
    REFUSED(size, 0, "options.size: expected");
    REFUSED(size, 3, "options.size: expected");
    REFUSED(threads, -1, "threads: expected");
    REFUSED(chunk_tokens, -7, "chunk_tokens: expected");
    REFUSED(threads, 2147483647, "threads: expected");
    REFUSED(chunk_tokens, 2147483647, "chunk_tokens: expected");
    REFUSED(no_mmap, 2, "no_mmap: expected");
    REFUSED(ignore_fingerprint, -1, "ignore_fingerprint: expected");
    REFUSED(ahn_path, "", "ahn_path: expected");
#undef REFUSED
    options = ahn_model_defaults();
    options.ahn_path = "/no/such/adapter.gguf";
    FAILS(AHN_FILE_ERROR, "/no/such/adapter.gguf", ahn_model_load(path, &options, &model));
    CHECK(model == NULL);

    /* The demo model may be there before anyone is asked; both ends are right. */
    options = ahn_model_defaults();
    options.stop = stop;
    options.stop_user = &asked;
    if (ahn_model_load(path, &options, &model) == AHN_OK) ahn_model_free(model);
    else CHECK(asked > 0 && strstr(ahn_last_error(), "ancelled"));

    /* A struct of a newer header: what this library does not know must be zero. */
    {
        struct { ahn_model_options known; uint64_t unknown; } newer;
        memset(&newer, 0, sizeof newer);
        newer.known.size = sizeof newer;
        newer.known.threads = 1;
        newer.known.no_mmap = 1;
        CHECK(ahn_model_load(path, &newer.known, &model) == AHN_OK && ahn_model_free(model) == AHN_OK);
        newer.unknown = 1;
        FAILS(AHN_INVALID_ARGUMENT, "newer header", ahn_model_load(path, &newer.known, &model));
    }
}

static void handles(ahn_model *model, ahn_session *session)
{
    ahn_session *other;
    ahn_session_facts facts = ahn_session_no_facts();
    ahn_model_facts about = ahn_model_no_facts();
    int local = 0;

    CHECK(ahn_model_free(NULL) == AHN_OK && ahn_session_free(NULL) == AHN_OK);
    FAILS(AHN_INVALID_HANDLE, "found NULL", ahn_session_feed(NULL, "a", AHN_TO_NUL, NULL, NULL));
    FAILS(AHN_INVALID_HANDLE, "found NULL", ahn_session_create(NULL, NULL, &other));
    FAILS(AHN_INVALID_HANDLE, "never given out", ahn_session_info((ahn_session *)(void *)&local, &facts));
    FAILS(AHN_INVALID_HANDLE, "never given out", ahn_model_free((ahn_model *)(void *)&facts));
    FAILS(AHN_INVALID_HANDLE, "session's", ahn_model_info((ahn_model *)(void *)session, &about));
    FAILS(AHN_INVALID_HANDLE, "model's", ahn_session_free((ahn_session *)(void *)model));
    CHECK(ahn_session_create(model, NULL, &other) == AHN_OK && ahn_session_free(other) == AHN_OK);
    FAILS(AHN_INVALID_HANDLE, "freed", ahn_session_free(other));
    FAILS(AHN_INVALID_HANDLE, "freed", ahn_session_generate(other, "a", AHN_TO_NUL, NULL, ignore, NULL));
    FAILS(AHN_INVALID_HANDLE, "freed", ahn_session_cancel(other));
}

static void arguments_of_sessions(ahn_model *model, ahn_session *session, const char *folder)
{
    ahn_session_options options;
    ahn_generation_options generation;
    ahn_session *made = NULL, *full;
    ahn_session_facts facts;
    answer got;
    static const char *const empty_stop[] = {"a", ""};
    int32_t ids[4] = {0, 1, -5, 2}, is_end;
    float logits[4];
    size_t count;
    char path[1024], long_text[2000];

#define REFUSED(member, value, words) \
    options = ahn_session_defaults(); \
    options.member = value; \
    FAILS(AHN_INVALID_ARGUMENT, words, ahn_session_create(model, &options, &made))
    REFUSED(memory, 4, "memory: expected");
    REFUSED(kv, -1, "kv: expected");
    REFUSED(window, -1, "window: expected");
    REFUSED(sinks, -2, "sinks: expected");
    REFUSED(context, -1, "context: expected");
    REFUSED(raw, 7, "raw: expected");
    REFUSED(system, "\xC3(", "system: expected UTF-8, found the byte 0xC3 at offset 0");
#undef REFUSED
    options = ahn_session_defaults();
    options.raw = 1;
    options.system = "Be brief.";
    FAILS(AHN_INVALID_ARGUMENT, "system turn", ahn_session_create(model, &options, &made));
    CHECK(made == NULL);

#define REFUSED(member, value, words) \
    generation = ahn_generation_defaults(); \
    generation.member = value; \
    FAILS(AHN_INVALID_ARGUMENT, words, ahn_session_generate(session, "a", 1, &generation, ignore, NULL))
    REFUSED(max_tokens, -1, "max_tokens: expected");
    REFUSED(temperature, -1, "temperature: expected");
    REFUSED(top_k, -1, "top_k: expected");
    REFUSED(top_p, 1.5f, "top_p: expected");
    REFUSED(min_p, -0.5f, "min_p: expected");
    REFUSED(repeat_penalty, -1, "repeat_penalty: expected");
    REFUSED(frequency_penalty, 1.0f / 0.0f, "frequency_penalty: expected");
    REFUSED(presence_penalty, -1.0f / 0.0f, "presence_penalty: expected");
    REFUSED(penalty_tokens, -1, "penalty_tokens: expected");
    REFUSED(has_seed, 2, "has_seed: expected");
    REFUSED(stop_count, 1, "stop: expected");
#undef REFUSED
    generation = ahn_generation_defaults();
    generation.stop = empty_stop;
    generation.stop_count = 2;
    FAILS(AHN_INVALID_ARGUMENT, "stop: expected", ahn_session_generate(session, "a", 1, &generation, ignore, NULL));
    FAILS(AHN_INVALID_ARGUMENT, "text: expected", ahn_session_generate(session, "a", 1, NULL, NULL, NULL));
    FAILS(AHN_INVALID_ARGUMENT, "question: expected", ahn_session_generate(session, NULL, 0, NULL, ignore, NULL));
    FAILS(AHN_INVALID_ARGUMENT, "text: expected a text", ahn_session_feed(session, NULL, 5, NULL, NULL));
    FAILS(AHN_INVALID_ARGUMENT, "0x80 at offset 2", ahn_session_feed(session, "ab\x80", AHN_TO_NUL, NULL, NULL));
    FAILS(AHN_INVALID_ARGUMENT, "0xE2 at offset 0", ahn_session_feed(session, "\xE2\x82\xAC", 2, NULL, NULL));
    FAILS(AHN_INVALID_ARGUMENT, "facts: expected", ahn_session_info(session, NULL));
    memset(&facts, 0, sizeof facts);
    FAILS(AHN_INVALID_ARGUMENT, "facts.size: expected", ahn_session_info(session, &facts));

    FAILS(AHN_INVALID_ARGUMENT, "found -5", ahn_session_forward(session, ids, 4, NULL, 0));
    FAILS(AHN_INVALID_ARGUMENT, "ids: expected", ahn_session_forward(session, NULL, 2, NULL, 0));
    FAILS(AHN_BUFFER_TOO_SMALL, "logits: expected", ahn_session_forward(session, ids, 1, logits, 4));
    FAILS(AHN_INVALID_ARGUMENT, "at least one", ahn_session_forward(session, NULL, 0, NULL, 0));
    FAILS(AHN_BUFFER_TOO_SMALL, "ids: expected", ahn_tokenize(model, "a book", AHN_TO_NUL, 0, ids, 1, &count));
    FAILS(AHN_INVALID_ARGUMENT, "id: expected", ahn_token_is_end(model, 1 << 30, &is_end));
    facts = ahn_session_no_facts();
    CHECK(ahn_session_info(session, &facts) == AHN_OK && facts.tokens_seen == 0);

    FAILS(AHN_FILE_ERROR, "/no/such/folder", ahn_session_save(session, "/no/such/folder/a.ahn", 0));
    FAILS(AHN_FILE_ERROR, "/no/such.ahn", ahn_session_load(model, "/no/such.ahn", &made));
    snprintf(path, sizeof path, "%s/damaged.ahn", folder);
    write_file(path, "no snapshot at all, but some bytes", 34);
    FAILS(AHN_SNAPSHOT_REFUSED, "damaged.ahn", ahn_session_load(model, path, &made));
    CHECK(ahn_session_feed(session, "Some words to keep. And more.", AHN_TO_NUL, NULL, NULL) == AHN_OK);
    FAILS(AHN_FILE_ERROR, "what is no saved session", ahn_session_save(session, path, 0));
    CHECK(remove(path) == 0 && ahn_session_save(session, path, 0) == AHN_OK);
    {
        FILE *file = fopen(path, "r+b");
        CHECK(file && fseek(file, 4000, SEEK_SET) == 0 && fputc(0x55, file) != EOF && fputc(0xAA, file) != EOF && fclose(file) == 0);
    }
    FAILS(AHN_SNAPSHOT_REFUSED, "damaged.ahn", ahn_session_load(model, path, &made));
    CHECK(remove(path) == 0 && made == NULL && ahn_session_reset(session) == AHN_OK);

    FAILS(AHN_INVALID_ARGUMENT, "thinking: expected a number from 0 to 2", ahn_session_set_thinking(session, 3));
    FAILS(AHN_INVALID_ARGUMENT, "knows enable_thinking", ahn_session_set_thinking(session, AHN_THINKING_ON));
    CHECK(ahn_session_set_thinking(session, AHN_THINKING_DEFAULT) == AHN_OK);

    options = ahn_session_defaults();
    options.memory = AHN_MEMORY_FULL;
    options.context = 64;
    CHECK(ahn_session_create(model, &options, &full) == AHN_OK);
    memset(long_text, 'a', sizeof long_text);
    for (size_t i = 0; i < sizeof long_text; i += 3) long_text[i] = ' ';
    FAILS(AHN_CONTEXT_OVERFLOW, "64", ahn_session_feed(full, long_text, sizeof long_text, NULL, NULL));
    memset(&got, 0, sizeof got);
    CHECK(ahn_session_feed(full, "Short.", AHN_TO_NUL, NULL, NULL) == AHN_OK && ahn_session_free(full) == AHN_OK);

    options = ahn_session_defaults();
    options.memory = AHN_MEMORY_WINDOW;
    options.window = 100;
    options.sinks = AHN_NO_SINKS;
    options.kv = AHN_KV_F32;
    CHECK(ahn_session_create(model, &options, &full) == AHN_OK && ahn_session_info(full, &facts) == AHN_OK);
    CHECK(facts.memory == AHN_MEMORY_WINDOW && facts.window == 100 && facts.sinks == 0 && facts.kv == AHN_KV_F32);
    CHECK(ahn_session_free(full) == AHN_OK);
}

/* A callback may call the library, on the session that is busy in vain. */
static int call_back(const ahn_progress *progress, void *user)
{
    ahn_session *session = user, *fork;
    (void)progress;
    FAILS(AHN_BUSY, "one call at a time", ahn_session_feed(session, "a", 1, NULL, NULL));
    FAILS(AHN_BUSY, "one call at a time", ahn_session_fork(session, &fork));
    FAILS(AHN_BUSY, "one call at a time", ahn_session_reset(session));
    FAILS(AHN_BUSY, "one call at a time", ahn_session_free(session));
    return 0;
}

static int call_back_text(const char *text, size_t length, void *user)
{
    (void)text; (void)length;
    FAILS(AHN_BUSY, "one call at a time", ahn_session_free(user));
    return ahn_session_cancel(user);
}

static void *reader(void *session)
{
    static char text[400000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = i % 5 ? (char)('a' + i % 23) : ' ';
    /* The other thread asks for facts until it finds the reading under way; a reading that begins in the middle of such a question finds the session busy. */
    ahn_status status;
    do status = ahn_session_feed(session, text, sizeof text, NULL, NULL); while (status == AHN_BUSY);
    FAILS(AHN_CANCELLED, "ancelled", status);
    return NULL;
}

static void cancelling(ahn_model *model, const char *book)
{
    char *text = book_with_code(book, 6000);
    ahn_session *session, *other;
    answer whole, got;
    ahn_session_facts facts = ahn_session_no_facts();
    ahn_answer_facts told = ahn_answer_no_facts();
    pthread_t running;
    int calls = 0;

    CHECK(ahn_session_create(model, NULL, &session) == AHN_OK);
    CHECK(ahn_session_cancel(session) == AHN_OK);
    CHECK(ahn_session_feed(session, text, AHN_TO_NUL, call_back, session) == AHN_OK);
    memset(&whole, 0, sizeof whole);
    CHECK(ahn_session_generate(session, QUESTION, AHN_TO_NUL, NULL, gather, &whole) == AHN_OK && strstr(whole.text, CODE));

    /* A reading that was given up is finished before the question. */
    CHECK(ahn_session_reset(session) == AHN_OK);
    FAILS(AHN_CANCELLED, "ancelled", ahn_session_feed(session, text, AHN_TO_NUL, stop_reading, &calls));
    CHECK(calls == 2 && ahn_session_info(session, &facts) == AHN_OK && facts.tokens_seen == 512);
    memset(&got, 0, sizeof got);
    CHECK(ahn_session_generate(session, QUESTION, AHN_TO_NUL, NULL, gather, &got) == AHN_OK && !strcmp(got.text, whole.text));

    /* An answer that was given up, by its function and by cancel; the session goes on. */
    memset(&got, 0, sizeof got);
    got.most_pieces = 2;
    FAILS(AHN_CANCELLED, "ancelled", ahn_session_generate(session, QUESTION, AHN_TO_NUL, NULL, gather, &got));
    CHECK(got.pieces == 2 && ahn_session_last_answer(session, &told) == AHN_OK && told.stop_reason == AHN_STOP_CANCELLED);
    FAILS(AHN_CANCELLED, "ancelled", ahn_session_generate(session, QUESTION, AHN_TO_NUL, NULL, call_back_text, session));
    memset(&got, 0, sizeof got);
    CHECK(ahn_session_generate(session, QUESTION, AHN_TO_NUL, NULL, gather, &got) == AHN_OK && got.length > 0);
    CHECK(ahn_session_free(session) == AHN_OK);

    /* From another thread. */
    CHECK(ahn_session_create(model, NULL, &other) == AHN_OK && pthread_create(&running, NULL, reader, other) == 0);
    while (ahn_session_info(other, &facts) != AHN_BUSY) { }
    FAILS(AHN_BUSY, "one call at a time", ahn_session_free(other));
    CHECK(ahn_session_cancel(other) == AHN_OK && pthread_join(running, NULL) == 0);
    CHECK(ahn_session_free(other) == AHN_OK);
    free(text);
}

int main(int count, char **arguments)
{
    ahn_model *model;
    ahn_session *session;
    CHECK(count == 4);
    loading(arguments[1], arguments[3]);
    CHECK(ahn_model_load(arguments[1], NULL, &model) == AHN_OK && ahn_session_create(model, NULL, &session) == AHN_OK);
    handles(model, session);
    arguments_of_sessions(model, session, arguments[3]);
    cancelling(model, arguments[2]);
    CHECK(ahn_session_free(session) == AHN_OK && ahn_model_free(model) == AHN_OK);
    FAILS(AHN_INVALID_HANDLE, "freed", ahn_model_free(model));
    FAILS(AHN_INVALID_HANDLE, "freed", ahn_session_create(model, NULL, &session));
    puts("errors: every refusal has its status and sentence");
    return 0;
}
