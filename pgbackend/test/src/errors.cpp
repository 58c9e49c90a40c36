// Errors that start here, errors that pass through here, and errors that end here.
#include "pgbackend/function.hpp"
#include "pgbackend/log.hpp"
#include "pgbackend/spi.hpp"
#include "pgbackend/subtransaction.hpp"
#include "pgbackend/test/src/live.hpp"

namespace singularity::pgbackend {
namespace {

std::int64_t run(const std::string& sql) {
    const Live live;
    Spi spi;
    return static_cast<std::int64_t>(spi.query(sql.c_str()).affected());
}

std::string text_argument(const FunctionCall& fn, int number) {
    return std::string(fn.arg<std::string_view>(number));
}

[[noreturn]] void throw_kind(std::string_view kind) {
    if (kind == "bad_alloc") throw std::bad_alloc();
    if (kind == "huge") (void)allocate(std::size_t{1} << 60);
    if (kind == "exception") throw std::runtime_error("no such luck");
    throw 42;
}

}  // namespace

SG_FUNCTION(bridge_fail) {
    const Live live;
    const std::string sqlstate = text_argument(fn, 0);
    throw Failure(MAKE_SQLSTATE(sqlstate[0], sqlstate[1], sqlstate[2], sqlstate[3], sqlstate[4]),
                  text_argument(fn, 1), text_argument(fn, 2), text_argument(fn, 3));
}

SG_FUNCTION(bridge_fail_at_length) {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "ä";
    throw Failure(ERRCODE_RAISE_EXCEPTION, "x" + text, text, text);
}

SG_FUNCTION(bridge_throw_something) {
    const Live live;
    throw_kind(fn.arg<std::string_view>(0));
}

SG_FUNCTION(bridge_live_objects) {
    return fn.ret(std::int32_t{Live::count()});
}

SG_FUNCTION(bridge_handles_exception) {
    return fn.ret(std::current_exception() != nullptr);
}

SG_FUNCTION(bridge_execute) {
    const Live live;
    return fn.ret(run(text_argument(fn, 0)));
}

// The SQLSTATE that the statement ended with, null if it succeeded; then counts with the same session of SPI.
SG_FUNCTION(bridge_attempt) {
    Spi spi;
    const std::string sql = text_argument(fn, 0);
    const auto outcome = attempt([&] { return run(sql); });
    const Rows rows = spi.query("select 7::bigint");
    if (rows[0].get<std::int64_t>(0) != 7) throw Failure(ERRCODE_INTERNAL_ERROR, "the session was lost");
    if (outcome) return fn.null();
    return fn.ret(unpack_sql_state(outcome.error().sqlstate()));
}

// A failure of our own undoes what was done before it, and goes on.
SG_FUNCTION(bridge_attempt_and_fail) {
    const std::string sql = text_argument(fn, 0);
    (void)attempt([&] {
        run(sql);
        throw Failure(ERRCODE_RAISE_EXCEPTION, "changed our mind");
    });
    return fn.nothing();
}

SG_FUNCTION(bridge_drop_error) {
    try {
        run(text_argument(fn, 0));
    } catch (const PgError&) {
    }
    return fn.ret(true);
}

SG_FUNCTION(bridge_spin) {
    const Live live;
    while (true) check_interrupts();
}

SG_FUNCTION(bridge_announce) {
    log(LogLevel::notice, "100% of {}", fn.arg<std::string_view>(0));
    return fn.nothing();
}

}  // namespace singularity::pgbackend
