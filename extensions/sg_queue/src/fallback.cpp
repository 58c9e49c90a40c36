#include "extensions/sg_queue/src/fallback.hpp"

namespace singularity::queue {

namespace {

std::string quoted(const std::string& table) {
    return "pgmq." + std::string(pg::call(quote_identifier, table.c_str()));
}

}  // namespace

std::string with_tables(std::string_view sql, const Queue& queue) {
    std::string text(sql);
    const auto put = [&text](std::string_view mark, const std::string& table) {
        for (std::size_t at = 0; (at = text.find(mark, at)) != text.npos; at += table.size()) {
            text.replace(at, mark.size(), table);
        }
    };
    put("{q}", quoted(queue.waiting_name));
    put("{a}", quoted(queue.archive_name));
    return text;
}

std::uint64_t run_sql(const OpenQueue& queue, std::string_view sql, std::span<const SqlArgument> arguments,
                      const pg::FunctionCall* fn) {
    const std::string text = with_tables(sql, queue.queue());
    constexpr std::size_t kMost = 8;
    std::array<Oid, kMost> types{};
    std::array<Datum, kMost> values{};
    std::array<char, kMost> nulls{};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        types[i] = arguments[i].type;
        values[i] = arguments[i].value.value_or(Datum{0});
        nulls[i] = arguments[i].value ? ' ' : 'n';
    }
    auto* result = fn ? reinterpret_cast<ReturnSetInfo*>(fn->info()->resultinfo) : nullptr;
    return pg::call([&, statement = text.c_str()] {
        SPI_connect();
        SPI_execute_with_args(statement, static_cast<int>(arguments.size()), types.data(), values.data(),
                              nulls.data(), false, 0);
        const std::uint64_t rows = SPI_processed;
        for (std::uint64_t i = 0; result != nullptr && i < rows; ++i) {
            tuplestore_puttuple(result->setResult, SPI_tuptable->vals[i]);
        }
        SPI_finish();
        return rows;
    });
}

}  // namespace singularity::queue
