// Rows in and out: sets of results, and the rows of SPI.
#include "pgbackend/format.hpp"
#include "pgbackend/result_set.hpp"
#include "pgbackend/spi.hpp"

namespace singularity::pgbackend {

SG_FUNCTION(bridge_series) {
    ResultSet rows(fn);
    for (std::int64_t i = 1; i <= fn.arg<std::int64_t>(0); ++i) rows.add(i);
    return fn.nothing();
}

SG_FUNCTION(bridge_pairs) {
    ResultSet rows(fn);
    for (std::int64_t i = 1; i <= fn.arg<std::int64_t>(0); ++i) {
        const auto name = i % 2 == 0 ? std::nullopt : std::optional(pgbackend::format("number {}", i));
        rows.add(i, name);
    }
    return fn.nothing();
}

// Declared with other columns than it returns.
SG_FUNCTION(bridge_mistyped) {
    ResultSet(fn).add(std::int32_t{1});
    return fn.nothing();
}

SG_FUNCTION(bridge_find_numbers) {
    static Statement<std::int64_t, std::optional<std::string_view>> statement{
        "select n, case when n % 3 = 0 then null else $2 || n end"
        "  from pg_catalog.generate_series(1::bigint, $1) as n"};
    Spi spi;
    const Rows found =
        spi.query(statement, fn.arg<std::int64_t>(0), fn.arg<std::optional<std::string_view>>(1));
    ResultSet rows(fn);
    for (const Row row : found) {
        rows.add(row.get<std::int64_t>(0), row.get<std::optional<std::string_view>>(1));
    }
    return fn.nothing();
}

SG_FUNCTION(bridge_first_bigint) {
    Spi spi;
    const Rows rows = spi.query(std::string(fn.arg<std::string_view>(0)).c_str());
    return rows.empty() ? fn.null() : fn.ret(rows[0].get<std::int64_t>(0));
}

SG_FUNCTION(bridge_concatenate) {
    Spi spi;
    const Rows rows = spi.query("select $1 || $2::text || coalesce($3::text, '-')",
                                fn.arg<std::string_view>(0), std::int32_t{5}, std::optional<double>());
    return fn.ret(rows[0].get<std::string_view>(0));
}

// A transaction for each row.
SG_FUNCTION(bridge_insert_one_by_one) {
    if (!fn.may_commit())
        throw Failure(ERRCODE_INVALID_TRANSACTION_TERMINATION, "must be called at top level");
    Spi spi(Spi::Mode::may_commit);
    for (std::int32_t i = 1; i <= fn.arg<std::int32_t>(0); ++i) {
        spi.query(
            "insert into bridge.arrived (number, transaction) values ($1, pg_catalog.pg_current_xact_id())",
            i);
        spi.commit();
    }
    return fn.nothing();
}

}  // namespace singularity::pgbackend
