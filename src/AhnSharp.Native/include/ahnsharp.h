/* AhnSharp: reads documents of any length with a language model, in memory that does not grow. The C interface.
 *
 *   ahn_model *model = NULL;
 *   ahn_session *session = NULL;
 *   if (ahn_model_load("model.gguf", NULL, &model) || ahn_session_create(model, NULL, &session)
 *       || ahn_session_feed(session, text, AHN_TO_NUL, NULL, NULL)
 *       || ahn_session_generate(session, "Who is the narrator?", AHN_TO_NUL, NULL, print_piece, NULL))
 *       fprintf(stderr, "%s\n", ahn_last_error());
 *   ahn_session_free(session);
 *   ahn_model_free(model);
 *
 * Results    Every function that can fail returns an ahn_status, 0 for success. ahn_last_error() then has the sentence of this
 *            thread's last failure. Where a call fails, what it would have written is untouched, and the session stands as documented.
 * Handles    are numbers in the clothes of pointers: never dereferenced, never given out twice. NULL, a freed handle, one of
 *            the other kind or any other garbage is AHN_INVALID_HANDLE. Freeing NULL does nothing and succeeds.
 * Ownership  Whoever loads, creates, forks frees. A session keeps its model's memory: a model may be freed before its sessions,
 *            in any order. Strings and structs given to a call are the caller's and are not kept after it. Nothing that the library
 *            hands out is freed with free().
 * Text       is UTF-8, in bytes, without a byte order mark; a text is given with its length, or with AHN_TO_NUL where a NUL ends it. A
 *            text that is not UTF-8 is AHN_INVALID_ARGUMENT and the sentence names the byte. Paths are UTF-8 and end with NUL.
 * Options    structs begin with their size and are all zero for the defaults: begin with ahn_model_defaults() and so on, or
 *            pass NULL. A library of the same AHN_ABI_VERSION takes structs of older and newer headers.
 * Threads    Any thread may call. Different sessions may be used on different threads at the same time; a model's passes take
 *            turns. One session runs one call at a time: a second, from another thread or from a callback, is AHN_BUSY and
 *            changes nothing; only ahn_session_cancel may be called at any moment.
 * Callbacks  run on the thread that made the call, before it returns, while nothing is computed. They may call the library (on
 *            the session that is busy: AHN_BUSY), and must not leave by longjmp or a C++ exception.
 * Units      tokens, bytes and seconds, each said in the name.
 * Process    The .NET runtime inside starts with the first call, and stays: dlclose does nothing. A child that is made by fork()
 *            without exec must not call the library. A library built for a processor above this one ends the process with a
 *            sentence on standard error at its first call.
 */
#ifndef AHNSHARP_H
#define AHNSHARP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when a struct or function changes its meaning; additions leave it. Compare with ahn_abi_version() where the library is shared. */
#define AHN_ABI_VERSION 1

/* A length: the text ends with NUL. */
#define AHN_TO_NUL ((size_t)-1)

/* A number of sinks: none. (0 is the default, the number that the memory was trained with.) */
#define AHN_NO_SINKS (-1)

typedef int32_t ahn_status;
enum {
    AHN_OK = 0,
    AHN_INVALID_ARGUMENT = 1,   /* a value, a text or a combination that the call, the model or the session cannot follow */
    AHN_INVALID_HANDLE = 2,     /* NULL, freed, of the other kind, or never given out */
    AHN_BUSY = 3,               /* another call runs on this session */
    AHN_FILE_ERROR = 4,         /* a file or folder is not there, or cannot be read or written */
    AHN_INVALID_MODEL = 5,      /* a file is not a model that can be run; the sentence names the tensor or key */
    AHN_SNAPSHOT_REFUSED = 6,   /* a saved session is damaged, or of another model */
    AHN_CONTEXT_OVERFLOW = 7,   /* more text than a session that keeps everything holds; nothing of it was read */
    AHN_CANCELLED = 8,          /* a callback or ahn_session_cancel ended it */
    AHN_BUFFER_TOO_SMALL = 9,   /* the size that is needed has been written */
    AHN_OUT_OF_MEMORY = 10,
    AHN_UNSUPPORTED = 11,       /* AHN_ISA names kernels that this processor lacks */
    AHN_INTERNAL = 12           /* a fault of the library */
};

typedef struct ahn_model ahn_model;
typedef struct ahn_session ahn_session;

/* What a session keeps of a text. */
enum {
    AHN_MEMORY_DEFAULT = 0,     /* AHN_MEMORY_AHN where the model has a memory, else AHN_MEMORY_FULL */
    AHN_MEMORY_FULL = 1,        /* everything; memory and time grow with the text, up to its context */
    AHN_MEMORY_WINDOW = 2,      /* the first tokens and the last ones; what leaves the window is dropped */
    AHN_MEMORY_AHN = 3          /* the same, and what leaves the window is folded into a memory of fixed size */
};

/* Whether answers begin with thoughts, where the model's chat template knows such a choice (Qwen3's). */
enum {
    AHN_THINKING_DEFAULT = 0,   /* as the template has it */
    AHN_THINKING_ON = 1,
    AHN_THINKING_OFF = 2
};

/* How its keys and values are stored. */
enum {
    AHN_KV_DEFAULT = 0,         /* of a new session AHN_KV_F16; of a saved one: as the session holds them */
    AHN_KV_F32 = 1,
    AHN_KV_F16 = 2,
    AHN_KV_Q8_0 = 3
};

/* Whether what leaves the window is kept exactly too, to be looked through for every question. */
enum {
    AHN_ARCHIVE_NONE = 0,
    AHN_ARCHIVE_INT8 = 1,       /* keys and values in 8 bits */
    AHN_ARCHIVE_INT4 = 2        /* in 4 bits: half the bytes, and some recall less */
};

/* What is seen behind the window while a text is read for an archive. */
enum {
    AHN_ARCHIVE_READ_AHN = 0,   /* the memory, as without an archive */
    AHN_ARCHIVE_READ_WINDOW = 1 /* nothing: the memory is written and not read */
};

/* What the memory adds to an answer beside the archive. */
enum {
    AHN_READOUT_GATED = 0,      /* the less, the more the archive answers */
    AHN_READOUT_OFF = 1,
    AHN_READOUT_ON = 2
};

/* Why an answer ended. */
enum {
    AHN_STOP_NONE = 0,          /* there was none yet */
    AHN_STOP_END_TOKEN = 1,     /* the model ended it */
    AHN_STOP_STRING = 2,        /* it reached one of the stop strings, which is not part of it */
    AHN_STOP_MAX_TOKENS = 3,    /* max_tokens: it may be incomplete */
    AHN_STOP_CANCELLED = 4,
    AHN_STOP_FAILED = 5
};

/* How far the reading of a text has come, after each chunk. */
typedef struct ahn_progress {
    size_t size;
    int64_t tokens_read, tokens_total;                          /* of the text that is being read */
    int64_t tokens_exact, tokens_compressed, tokens_dropped;    /* of everything the session has seen */
    int64_t state_bytes;
    double seconds;
    int64_t tokens_archived;                                    /* some of them compressed too */
} ahn_progress;

/* Non-zero gives the reading up: AHN_CANCELLED. After the last chunk it comes too late. */
typedef int (*ahn_progress_fn)(const ahn_progress *progress, void *user);

/* Takes the next piece of an answer: whole UTF-8 characters, length bytes and a NUL, valid until it returns. Non-zero ends the
 * answer: AHN_CANCELLED, and the conversation can go on. */
typedef int (*ahn_text_fn)(const char *text, size_t length, void *user);

/* Asked some 20 times a second while a model is loaded; non-zero gives it up: AHN_CANCELLED. */
typedef int (*ahn_stop_fn)(void *user);

typedef struct ahn_model_options {
    size_t size;
    const char *ahn_path;       /* the memory's adapter where it lies in a file of its own */
    int32_t threads;            /* of the team, the caller's included, at most 1024; 0: one a physical core */
    int32_t chunk_tokens;       /* tokens that pass through a layer together, at most 65536; 0: 256 */
    int32_t no_mmap;            /* 1: read the file instead of mapping it (network drives, files that change) */
    int32_t ignore_fingerprint; /* 1: take an adapter that was made for another base model */
    ahn_stop_fn stop;
    void *stop_user;
} ahn_model_options;

typedef struct ahn_session_options {
    size_t size;
    int32_t memory;             /* AHN_MEMORY_… */
    int32_t kv;                 /* AHN_KV_… */
    int32_t window;             /* tokens; 0: what the memory was trained with */
    int32_t sinks;              /* tokens; 0: what the memory was trained with; AHN_NO_SINKS: none */
    int32_t context;            /* most tokens of AHN_MEMORY_FULL; 0: the context length of the file */
    int32_t raw;                /* 1: leaves the chat template out: every text stands as it is given */
    const char *system;         /* the system turn, ending with NUL; NULL: what the template writes */
    int32_t archive;            /* AHN_ARCHIVE_…; needs a window */
    int32_t archive_read;       /* AHN_ARCHIVE_READ_… */
    int32_t archive_readout;    /* AHN_READOUT_… */
    int32_t reach;              /* tokens, window and sinks at least: what lies farther away is seen as if it were so far; 0: no limit.
                                 * With an archive 3/4 of the context that the model was trained for is a good one. */
    const char *archive_heads;  /* path, ending with NUL, of what 'ahn calibrate' wrote: its heads alone are archived; NULL: every head */
} ahn_session_options;

typedef struct ahn_generation_options {
    size_t size;
    int32_t max_tokens;         /* 0: 1024 */
    float temperature;          /* 0: the likeliest token, every time */
    int32_t top_k;              /* 0: all */
    float top_p;                /* 0 or 1: all */
    float min_p;                /* 0: all */
    float repeat_penalty;       /* 0 or 1: off */
    float frequency_penalty;    /* 0: off */
    float presence_penalty;     /* 0: off */
    int32_t penalty_tokens;     /* how far the penalties look back; 0: 64 */
    int32_t has_seed;           /* 1: seed is set; 0: one is drawn, and ahn_session_last_answer tells it */
    uint64_t seed;
    const char *const *stop;    /* [stop_count] texts, each ending with NUL, before which the answer ends */
    size_t stop_count;
    ahn_progress_fn progress;   /* of the reading before the first piece; may be NULL */
    void *progress_user;
} ahn_generation_options;

/* The functions below write the *_facts structs, whose size the caller has set. */
typedef struct ahn_model_facts {
    size_t size;
    int64_t file_bytes, weight_bytes;
    int32_t vocabulary;         /* tokens: ids are 0 to vocabulary - 1, and so many logits has a row */
    int32_t layers, hidden, context;
    int32_t window, sinks;      /* of the memory's training; 0 and 0 where there is no memory */
    int32_t has_memory;
    int32_t has_template;       /* 0: chats cannot be written, every text stands as it is given */
    int32_t threads, chunk_tokens;
} ahn_model_facts;

typedef struct ahn_session_facts {
    size_t size;
    int64_t tokens_seen, tokens_exact, tokens_compressed, tokens_dropped;
    int64_t state_bytes;        /* of exact and compressed memory */
    int64_t history_bytes;      /* of the ids of all tokens seen, 4 each, taken by doubling */
    int32_t memory, kv, window, sinks;
    int64_t tokens_archived;    /* their keys and values can be read as they were, as those of tokens_exact; with AHN_MEMORY_AHN they are
                                 * compressed too */
    int64_t archive_bytes, archive_index_bytes;
} ahn_session_facts;

typedef struct ahn_answer_facts {
    size_t size;
    int64_t reused_tokens;      /* that the session held already */
    int64_t prompt_tokens;      /* that were read for the answer */
    int64_t generated_tokens;
    double prompt_seconds, first_token_seconds, generation_seconds;
    int32_t stop_reason;        /* AHN_STOP_… */
    int32_t has_seed;           /* 0: nothing was drawn (temperature 0) */
    uint64_t seed;
} ahn_answer_facts;

/* ---- the library ---- */

int32_t ahn_abi_version(void);

/* For example "0.1.0+9f2c…": version and commit. Valid for ever. */
const char *ahn_version(void);

/* One sentence, UTF-8: why this thread's last failed call failed; "" where none has. Valid until the thread's next call. */
const char *ahn_last_error(void);

/* ---- models ---- */

ahn_status ahn_model_load(const char *path, const ahn_model_options *options, ahn_model **model);
ahn_status ahn_model_info(ahn_model *model, ahn_model_facts *facts);

/* The handle ends here, the memory with the model's last session. */
ahn_status ahn_model_free(ahn_model *model);

/* ---- sessions: one text or conversation ---- */

ahn_status ahn_session_create(ahn_model *model, const ahn_session_options *options, ahn_session **session);

/* Reads a document, or the next part of one (cut between characters, anywhere). AHN_CANCELLED: the session stands at its last whole
 * chunk, and the rest of the text is read before what follows. */
ahn_status ahn_session_feed(ahn_session *session, const char *text, size_t length, ahn_progress_fn progress, void *user);

/* Asks about what was read, or goes on with the conversation; the answer comes in pieces. The question may be empty where the
 * text that was read asks already. */
ahn_status ahn_session_generate(ahn_session *session, const char *question, size_t length, const ahn_generation_options *options,
                                ahn_text_fn text, void *user);

/* Ends the call that runs on the session now, with AHN_CANCELLED; does nothing where none runs. */
ahn_status ahn_session_cancel(ahn_session *session);

/* Keeps text and conversation in a file, which is whole at every moment. kv: AHN_KV_DEFAULT, or a narrower type for a smaller file
 * from which an approximate session goes on. A saved session that stands there is replaced; another file is AHN_FILE_ERROR, and stays. */
ahn_status ahn_session_save(ahn_session *session, const char *path, int32_t kv);
ahn_status ahn_session_load(ahn_model *model, const char *path, ahn_session **session);

/* An independent session at the same point, in a time that does not depend on what was read. */
ahn_status ahn_session_fork(ahn_session *session, ahn_session **fork);

/* Counts from the next question on; a fork takes it over, a saved session does not. AHN_INVALID_ARGUMENT: the session has no chat
 * template, or one that knows no such choice. */
ahn_status ahn_session_set_thinking(ahn_session *session, int32_t thinking);

/* Forgets the text; options and system turn stay. */
ahn_status ahn_session_reset(ahn_session *session);
ahn_status ahn_session_info(ahn_session *session, ahn_session_facts *facts);
ahn_status ahn_session_last_answer(ahn_session *session, ahn_answer_facts *facts);

/* AHN_BUSY while a call runs on it: cancel that, let it return, then free. */
ahn_status ahn_session_free(ahn_session *session);

/* ---- tokens: for those who write their prompts or draw tokens themselves ---- */

/* Text to ids. specials: 1 reads <|im_start|> and its like as the tokens they name, 0 as ordinary text. *count becomes the number of
 * ids, also where it exceeds capacity (AHN_BUFFER_TOO_SMALL, nothing else is written). */
ahn_status ahn_tokenize(ahn_model *model, const char *text, size_t length, int32_t specials, int32_t *ids, size_t capacity, size_t *count);

/* The bytes of one token, which may be a part of a character; no NUL. *length as above. */
ahn_status ahn_token_bytes(ahn_model *model, int32_t id, char *bytes, size_t capacity, size_t *length);

/* *is_end becomes 1 where the id ends a turn or text, else 0. */
ahn_status ahn_token_is_end(ahn_model *model, int32_t id, int32_t *is_end);

/* Reads ids as they are behind what the session has seen, and writes the logits behind the last: logits is [vocabulary], capacity its
 * length, or NULL and 0. Without ids it reads what an answer or a cancelled reading left. */
ahn_status ahn_session_forward(ahn_session *session, const int32_t *ids, size_t count, float *logits, size_t capacity);

/* ---- all zero but the size ---- */

#define AHN_SIZED(type, name) static inline type name(void) { type value; memset(&value, 0, sizeof value); value.size = sizeof value; return value; }
AHN_SIZED(ahn_model_options, ahn_model_defaults)
AHN_SIZED(ahn_session_options, ahn_session_defaults)
AHN_SIZED(ahn_generation_options, ahn_generation_defaults)
AHN_SIZED(ahn_model_facts, ahn_model_no_facts)
AHN_SIZED(ahn_session_facts, ahn_session_no_facts)
AHN_SIZED(ahn_answer_facts, ahn_answer_no_facts)
#undef AHN_SIZED

#ifdef __cplusplus
}
#endif

#endif
