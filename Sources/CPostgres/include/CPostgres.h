#ifndef MARTLET_C_POSTGRES_H
#define MARTLET_C_POSTGRES_H

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"

#include <stdbool.h>
#include <stddef.h>

// Our own declaration of the part of libpq (PostgreSQL's C client) that Martlet uses, so that neither building nor starting
// needs it. Its functions keep their names and signatures for as long as the library is called libpq.so.5; the pipeline
// mode came with PostgreSQL 14. https://www.postgresql.org/docs/current/libpq.html

typedef struct MpqConnection MpqConnection;
typedef struct MpqResult MpqResult;

/// libpq's PQconninfoOption.
typedef struct {
    char *keyword;
    char *envvar;
    char *compiled;
    char *val;
    char *label;
    char *dispchar;
    int dispsize;
} MpqOption;

/// libpq's PGnotify.
typedef struct MpqNotice {
    char *channel;
    int backend;
    char *payload;
    struct MpqNotice *next;
} MpqNotice;

/// ConnStatusType.
enum { MPQ_CONNECTION_OK = 0, MPQ_CONNECTION_BAD = 1 };

/// PostgresPollingStatusType.
enum { MPQ_POLLING_FAILED = 0, MPQ_POLLING_READING = 1, MPQ_POLLING_WRITING = 2, MPQ_POLLING_OK = 3 };

/// ExecStatusType.
enum {
    MPQ_COMMAND_OK = 1,
    MPQ_TUPLES_OK = 2,
    MPQ_FATAL_ERROR = 7,
    MPQ_PIPELINE_SYNC = 10,
    MPQ_PIPELINE_ABORTED = 11,
};

/// Places of PQresultErrorField.
enum { MPQ_DIAG_SQLSTATE = 'C' };

#define MPQ_FUNCTIONS(X)                                                                                              \
    X(int, PQlibVersion, (void))                                                                                      \
    X(MpqOption *, PQconninfoParse, (const char *text, char **message))                                               \
    X(void, PQconninfoFree, (MpqOption * options))                                                                    \
    X(void, PQfreemem, (void *memory))                                                                                \
    X(MpqConnection *, PQconnectStartParams,                                                                          \
      (const char *const *keywords, const char *const *values, int expand_dbname))                                    \
    X(int, PQconnectPoll, (MpqConnection * connection))                                                               \
    X(int, PQstatus, (const MpqConnection *connection))                                                               \
    X(int, PQsocket, (const MpqConnection *connection))                                                               \
    X(void, PQfinish, (MpqConnection * connection))                                                                   \
    X(char *, PQerrorMessage, (const MpqConnection *connection))                                                      \
    X(int, PQserverVersion, (const MpqConnection *connection))                                                        \
    X(int, PQsetnonblocking, (MpqConnection * connection, int nonblocking))                                           \
    X(int, PQflush, (MpqConnection * connection))                                                                     \
    X(int, PQconsumeInput, (MpqConnection * connection))                                                              \
    X(int, PQisBusy, (MpqConnection * connection))                                                                    \
    X(int, PQenterPipelineMode, (MpqConnection * connection))                                                         \
    X(int, PQexitPipelineMode, (MpqConnection * connection))                                                          \
    X(int, PQpipelineSync, (MpqConnection * connection))                                                              \
    X(int, PQsendQuery, (MpqConnection * connection, const char *sql))                                                \
    X(int, PQsendPrepare,                                                                                             \
      (MpqConnection * connection, const char *name, const char *sql, int count, const unsigned *types))              \
    X(int, PQsendQueryPrepared,                                                                                       \
      (MpqConnection * connection, const char *name, int count, const char *const *values, const int *lengths,        \
       const int *formats, int result_format))                                                                        \
    X(MpqResult *, PQgetResult, (MpqConnection * connection))                                                         \
    X(int, PQresultStatus, (const MpqResult *result))                                                                 \
    X(char *, PQresultErrorField, (const MpqResult *result, int field))                                               \
    X(char *, PQresultErrorMessage, (const MpqResult *result))                                                        \
    X(int, PQntuples, (const MpqResult *result))                                                                      \
    X(int, PQnfields, (const MpqResult *result))                                                                      \
    X(char *, PQfname, (const MpqResult *result, int column))                                                         \
    X(unsigned, PQftype, (const MpqResult *result, int column))                                                       \
    X(int, PQgetisnull, (const MpqResult *result, int row, int column))                                               \
    X(int, PQgetlength, (const MpqResult *result, int row, int column))                                               \
    X(char *, PQgetvalue, (const MpqResult *result, int row, int column))                                             \
    X(char *, PQcmdStatus, (MpqResult * result))                                                                      \
    X(char *, PQcmdTuples, (MpqResult * result))                                                                      \
    X(void, PQclear, (MpqResult * result))                                                                            \
    X(MpqNotice *, PQnotifies, (MpqConnection * connection))

/// The library's functions.
typedef struct {
#define X(type, name, arguments) type(*_Nonnull name) arguments;
    MPQ_FUNCTIONS(X)
#undef X
} MpqTable;

/// Loads the library.
///
/// `path` is a file or a name for the loader. On failure `*loaded` is false, the table must not be used, and `message` says why.
MpqTable mpq_open(const char *_Nonnull path, bool *_Nonnull loaded, char *_Nonnull message, size_t message_bytes);

#pragma clang diagnostic pop

#endif
