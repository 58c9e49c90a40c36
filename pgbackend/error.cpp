#include "pgbackend/error.hpp"

#include "pgbackend/guard.hpp"

namespace singularity::pgbackend {
namespace {

// Moves the error that the server is handling into a context of its own. Null: there is no memory for that.
ErrorData* take_server_error() {
    MemoryContext volatile owner = nullptr;
    sigjmp_buf landing;
    if (sigsetjmp(landing, 0) != 0) {
        FlushErrorState();
        if (owner != nullptr) MemoryContextDelete(owner);
        return nullptr;
    }
    PG_exception_stack = &landing;
    owner = AllocSetContextCreateInternal(TopMemoryContext, "server error", ALLOCSET_SMALL_SIZES);
    MemoryContextSwitchTo(owner);
    ErrorData* error = CopyErrorData();
    FlushErrorState();
    return error;
}

template <std::size_t size>
void copy_text(char (&target)[size], std::string_view text) {
    text = text.substr(0, std::numeric_limits<int>::max());
    const int kept = pg_mbcliplen(text.data(), static_cast<int>(text.size()), size - 1);
    *std::copy_n(text.data(), kept, target) = '\0';
}

void describe(ErrorReport& report, int sqlstate, std::string_view message, std::string_view detail = {},
              std::string_view hint = {},
              const std::source_location& where = std::source_location::current()) {
    report.server_error = nullptr;
    report.sqlstate = sqlstate;
    report.file = where.file_name();
    report.function = where.function_name();
    report.line = static_cast<int>(where.line());
    copy_text(report.message, message);
    copy_text(report.detail, detail);
    copy_text(report.hint, hint);
}

}  // namespace

PgError::~PgError() {
    if (data_ != nullptr) MemoryContextDelete(GetMemoryChunkContext(data_));
}

void ErrorReport::describe_current() noexcept {
    try {
        throw;
    } catch (PgError& error) {
        server_error = error.release();
    } catch (const Failure& failure) {
        describe(*this, failure.sqlstate(), failure.what(), failure.detail(), failure.hint(),
                 failure.where());
    } catch (const std::bad_alloc&) {
        describe(*this, ERRCODE_OUT_OF_MEMORY, "out of memory");
    } catch (const std::exception& error) {
        describe(*this, ERRCODE_INTERNAL_ERROR, error.what());
    } catch (...) {
        describe(*this, ERRCODE_INTERNAL_ERROR, "unrecognized C++ exception");
    }
}

void ErrorReport::raise() {
    if (server_error != nullptr) {
        // The context goes when the error has been handled, and the counts as errfinish() does it.
        MemoryContextSetParent(GetMemoryChunkContext(server_error), ErrorContext);
        InterruptHoldoffCount = 0;
        QueryCancelHoldoffCount = 0;
        ReThrowError(server_error);
    }
    if (errstart(ERROR, TEXTDOMAIN)) {
        errcode(sqlstate);
        errmsg_internal("%s", message);
        if (detail[0] != '\0') errdetail_internal("%s", detail);
        if (hint[0] != '\0') errhint("%s", hint);
        errfinish(file, line, function);
    }
    pg_unreachable();
}

void CallState::throw_error() const {
    ErrorData* error = take_server_error();
    MemoryContextSwitchTo(memory_);
    InterruptHoldoffCount = interrupt_holdoff_;
    QueryCancelHoldoffCount = cancel_holdoff_;
    // Also where no memory was left for the error itself: the server's state is no better for that.
    ++unsettled_errors;
    if (error == nullptr) throw std::bad_alloc();
    throw PgError(error);
}

void throw_dropped_error() {
    throw Failure(ERRCODE_INTERNAL_ERROR, "a server's error was dropped outside a subtransaction");
}

}  // namespace singularity::pgbackend
