/* Checks of what works: reads a text with a hidden code, asks; saves, loads, forks and asks again; tokens; threads.
 *   checks MODEL.gguf BOOK FOLDER        (FOLDER: for a saved session) */
#include "check.h"

#include <pthread.h>

static void ask(ahn_session *session, const char *question, const ahn_generation_options *options, answer *to)
{
    memset(to, 0, sizeof *to);
    CHECK(ahn_session_generate(session, question, AHN_TO_NUL, options, gather, to) == AHN_OK);
}

static int count_calls(const ahn_progress *progress, void *user)
{
    CHECK(progress->size == sizeof *progress && progress->tokens_read <= progress->tokens_total && progress->state_bytes > 0);
    ++*(int *)user;
    return 0;
}

/* Reading in parts, answering, and the same answer from a file and from a fork. */
static void conversation(ahn_model *model, const char *book, const char *folder)
{
    char *text = book_with_code(book, 6000), path[1024];
    ahn_session *session, *loaded, *fork;
    ahn_session_facts facts = ahn_session_no_facts();
    ahn_answer_facts told = ahn_answer_no_facts();
    answer first, second, third, again;
    int calls = 0;

    CHECK(ahn_session_create(model, NULL, &session) == AHN_OK);
    CHECK(ahn_session_feed(session, text, 2500, count_calls, &calls) == AHN_OK);
    CHECK(ahn_session_feed(session, text + 2500, AHN_TO_NUL, count_calls, &calls) == AHN_OK && calls > 2);
    CHECK(ahn_session_info(session, &facts) == AHN_OK);
    CHECK(facts.tokens_seen == facts.tokens_exact + facts.tokens_compressed && facts.tokens_compressed > 0 && facts.tokens_dropped == 0);
    CHECK(facts.memory == AHN_MEMORY_AHN && facts.kv == AHN_KV_F16 && facts.state_bytes > 0 && facts.history_bytes >= 4 * facts.tokens_seen);
    CHECK(ahn_session_last_answer(session, &told) == AHN_OK && told.stop_reason == AHN_STOP_NONE && told.generated_tokens == 0);

    CHECK(snprintf(path, sizeof path, "%s/saved.ahn", folder) < (int)sizeof path);
    CHECK(ahn_session_save(session, path, AHN_KV_DEFAULT) == AHN_OK);
    CHECK(ahn_session_fork(session, &fork) == AHN_OK);
    ask(session, QUESTION, NULL, &first);
    printf("%s -> %s\n", QUESTION, first.text);
    CHECK(strstr(first.text, CODE));
    CHECK(ahn_session_last_answer(session, &told) == AHN_OK && told.stop_reason == AHN_STOP_END_TOKEN);
    CHECK(told.generated_tokens > 4 && told.prompt_tokens > 4 && told.reused_tokens == facts.tokens_seen && told.first_token_seconds > 0 && !told.has_seed);

    CHECK(ahn_session_load(model, path, &loaded) == AHN_OK);
    ask(loaded, QUESTION, NULL, &second);
    ask(fork, QUESTION, NULL, &third);
    CHECK(!strcmp(first.text, second.text) && !strcmp(first.text, third.text));

    /* The conversation goes on; a session that was reset is as new. */
    ask(session, QUESTION, NULL, &again);
    ask(loaded, QUESTION, NULL, &second);
    CHECK(!strcmp(again.text, second.text));
    CHECK(ahn_session_reset(session) == AHN_OK && ahn_session_feed(session, text, AHN_TO_NUL, NULL, NULL) == AHN_OK);
    ask(session, QUESTION, NULL, &again);
    CHECK(!strcmp(first.text, again.text));

    /* Compressed, the file is smaller and says that it is approximate by going on as Q8_0. */
    CHECK(ahn_session_save(fork, path, AHN_KV_Q8_0) == AHN_OK);
    CHECK(ahn_session_free(loaded) == AHN_OK && ahn_session_load(model, path, &loaded) == AHN_OK);
    CHECK(ahn_session_info(loaded, &facts) == AHN_OK && facts.kv == AHN_KV_Q8_0);

    CHECK(remove(path) == 0);
    CHECK(ahn_session_free(session) == AHN_OK && ahn_session_free(loaded) == AHN_OK && ahn_session_free(fork) == AHN_OK);
    free(text);
}

/* Seeds, stop strings, limits. */
static void generation(ahn_model *model)
{
    static const char *const stops[] = {"never in it", " "};
    ahn_session *one, *other;
    ahn_generation_options options = ahn_generation_defaults();
    ahn_answer_facts told = ahn_answer_no_facts();
    answer first, second;
    int calls = 0;

    options.max_tokens = 12;
    options.temperature = 1.5f;
    options.top_k = 50;
    options.top_p = 0.95f;
    options.min_p = 0.01f;
    options.repeat_penalty = 1.1f;
    options.penalty_tokens = 32;
    options.has_seed = 1;
    options.seed = UINT64_C(0x123456789ABCDEF0);
    options.progress = count_calls;
    options.progress_user = &calls;
    CHECK(ahn_session_create(model, NULL, &one) == AHN_OK && ahn_session_create(model, NULL, &other) == AHN_OK);
    ask(one, "Tell me of the castle.", &options, &first);
    ask(other, "Tell me of the castle.", &options, &second);
    CHECK(calls == 2 && !strcmp(first.text, second.text));
    CHECK(ahn_session_last_answer(one, &told) == AHN_OK && told.has_seed && told.seed == options.seed);
    CHECK(told.stop_reason == AHN_STOP_END_TOKEN || (told.stop_reason == AHN_STOP_MAX_TOKENS && told.generated_tokens == 12));
    options.has_seed = 0;
    ask(one, "And of the crypt.", &options, &first);
    CHECK(ahn_session_last_answer(one, &told) == AHN_OK && told.has_seed);

    options = ahn_generation_defaults();
    options.stop = stops;
    options.stop_count = 2;
    CHECK(ahn_session_reset(one) == AHN_OK);
    ask(one, "Tell me of the castle.", &options, &first);
    CHECK(!strchr(first.text, ' ') && ahn_session_last_answer(one, &told) == AHN_OK && told.stop_reason == AHN_STOP_STRING);
    ahn_session_free(one);
    ahn_session_free(other);
}

/* With an archive everything can be read as it was, and a code far behind the window is found. */
static void archive(ahn_model *model, const char *book)
{
    char *text = book_with_code(book, 6000);
    ahn_session_options options = ahn_session_defaults();
    ahn_session *session = NULL;
    ahn_session_facts facts = ahn_session_no_facts();
    answer told;

    options.archive_read = AHN_ARCHIVE_READ_WINDOW;
    CHECK(ahn_session_create(model, &options, &session) == AHN_INVALID_ARGUMENT && strstr(ahn_last_error(), "set archive"));
    options.archive = AHN_ARCHIVE_INT8;
    options.reach = 4096;
    CHECK(ahn_session_create(model, &options, &session) == AHN_OK);
    CHECK(ahn_session_feed(session, text, AHN_TO_NUL, NULL, NULL) == AHN_OK && ahn_session_info(session, &facts) == AHN_OK);
    CHECK(facts.tokens_archived > 0 && facts.tokens_exact + facts.tokens_archived == facts.tokens_seen);
    CHECK(facts.tokens_compressed >= facts.tokens_archived && facts.tokens_dropped == 0);
    CHECK(facts.archive_bytes >= facts.tokens_archived && facts.archive_index_bytes >= 0);
    ask(session, QUESTION, NULL, &told);
    CHECK(strstr(told.text, CODE));
    ahn_session_free(session);
    free(text);
}

/* Greedy, drawn here from the logits: the answer that the library gives. */
static void tokens(ahn_model *model)
{
    static const char prompt[] = "<|im_start|>user\n\nThe code of Oliver is " CODE ".\n\n" QUESTION "<|im_end|>\n<|im_start|>assistant\n";
    ahn_model_facts facts = ahn_model_no_facts();
    ahn_session_options raw = ahn_session_defaults();
    ahn_session *session;
    int32_t ids[128], is_end = 0, drawn;
    size_t count, needed, length;
    float *logits;
    answer mine = {{0}, 0, 0, 0}, theirs;
    char bytes[64];

    CHECK(ahn_model_info(model, &facts) == AHN_OK && facts.vocabulary > 256 && facts.layers > 0 && facts.window > 0 && facts.has_memory == 1);
    CHECK(facts.file_bytes > 1000000 && facts.weight_bytes > 1000000 && facts.has_template == 1 && facts.threads > 0 && facts.chunk_tokens == 256);
    CHECK(ahn_tokenize(model, prompt, AHN_TO_NUL, 1, NULL, 0, &needed) == AHN_BUFFER_TOO_SMALL && needed <= 128);
    CHECK(ahn_tokenize(model, prompt, AHN_TO_NUL, 1, ids, 128, &count) == AHN_OK && count == needed);
    CHECK(ahn_tokenize(model, prompt, AHN_TO_NUL, 0, NULL, 0, &needed) == AHN_BUFFER_TOO_SMALL && needed > count);

    raw.raw = 1;
    CHECK(ahn_session_create(model, &raw, &session) == AHN_OK);
    CHECK((logits = malloc(sizeof *logits * (size_t)facts.vocabulary)) != NULL);
    CHECK(ahn_session_forward(session, ids, count - 1, NULL, 0) == AHN_OK);
    for (drawn = ids[count - 1]; !is_end && mine.pieces < 24; mine.pieces++) {
        CHECK(ahn_session_forward(session, &drawn, 1, logits, (size_t)facts.vocabulary) == AHN_OK);
        drawn = 0;
        for (int32_t id = 1; id < facts.vocabulary; id++) drawn = logits[id] > logits[drawn] ? id : drawn;
        CHECK(ahn_token_is_end(model, drawn, &is_end) == AHN_OK && ahn_token_bytes(model, drawn, bytes, sizeof bytes, &length) == AHN_OK);
        if (is_end) break;
        memcpy(mine.text + mine.length, bytes, length);
        mine.length += length;
    }
    CHECK(is_end && strstr(mine.text, CODE));

    /* The last id of an answer waits until something follows; without ids it is read. */
    CHECK(ahn_session_reset(session) == AHN_OK && ahn_session_forward(session, ids, count, NULL, 0) == AHN_OK);
    ask(session, "", NULL, &theirs);
    CHECK(!strcmp(mine.text, theirs.text) && ahn_session_forward(session, NULL, 0, logits, (size_t)facts.vocabulary) == AHN_OK);
    free(logits);
    ahn_session_free(session);
}

static void *reader(void *argument)
{
    answer *to = argument;
    ahn_session *session;
    memcpy(&session, to->text, sizeof session);
    ask(session, QUESTION, NULL, to);
    return NULL;
}

/* Two sessions of one model, two threads; the model is freed before them. */
static void threads(const char *path)
{
    ahn_model *model;
    ahn_session *sessions[2];
    answer answers[2];
    pthread_t running[2];

    CHECK(ahn_model_load(path, NULL, &model) == AHN_OK);
    for (int i = 0; i < 2; i++) {
        CHECK(ahn_session_create(model, NULL, &sessions[i]) == AHN_OK);
        CHECK(ahn_session_feed(sessions[i], "\n\nThe code of Oliver is " CODE ".\n\n", AHN_TO_NUL, NULL, NULL) == AHN_OK);
    }
    CHECK(ahn_model_free(model) == AHN_OK);
    for (int i = 0; i < 2; i++) {
        memcpy(answers[i].text, &sessions[i], sizeof sessions[i]);
        CHECK(pthread_create(&running[i], NULL, reader, &answers[i]) == 0);
    }
    for (int i = 0; i < 2; i++) CHECK(pthread_join(running[i], NULL) == 0 && strstr(answers[i].text, CODE));
    for (int i = 0; i < 2; i++) CHECK(ahn_session_free(sessions[i]) == AHN_OK);
}

int main(int count, char **arguments)
{
    ahn_model *model;
    CHECK(count == 4);
    CHECK(ahn_abi_version() == AHN_ABI_VERSION && strlen(ahn_version()) > 4 && !strcmp(ahn_last_error(), ""));
    CHECK(ahn_model_load(arguments[1], NULL, &model) == AHN_OK);
    conversation(model, arguments[2], arguments[3]);
    archive(model, arguments[2]);
    generation(model);
    tokens(model);
    CHECK(ahn_model_free(model) == AHN_OK);
    threads(arguments[1]);
    printf("checks: all hold (%s)\n", ahn_version());
    return 0;
}
