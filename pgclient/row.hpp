// Typed rows: an aggregate per query, one member a column, in the same order and under the same names.
//
//     struct Agent { algo::Ulid id; std::string name; std::optional<Timestamp> last_seen; };
//     auto agents = co_await connection.rows<Agent>(kAgentsByRegion, region);
//
// A result of one column may also be read as the bare value: one<std::int64_t>(kCountAgents). The
// columns' number, names and types are compared with the row type once for each statement and
// connection; a difference throws DbError (42804) that names the query, the column and what was expected.
#pragma once

#include "pgclient/codec.hpp"
#include "pgclient/codec_array.hpp"
#include "pgclient/codec_ulid.hpp"
#include "pgclient/error.hpp"
#include "pgclient/query.hpp"
#include "pgclient/result.hpp"

#include <boost/pfr.hpp>

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace singularity::pgclient {

struct ColumnShape {
    std::string_view member;  // the name the column must have; empty: any
    std::string_view type;    // what the member reads, as SQL writes it
    bool is_array = false;
    bool (*reads)(Oid) = nullptr;
};

// The address identifies the row type.
using RowShape = std::span<const ColumnShape>;

template <class T>
constexpr ColumnShape column_shape(std::string_view member) {
    using Inner = Codec<typename ElementOf<T>::Value>;
    static_assert(Value<typename ElementOf<T>::Value>, "not a type that columns can have: see codec.hpp");
    return {member, Inner::kName, requires {Inner::kIsArray;
}
, [](Oid type) { return Inner::reads(type); }
};  // namespace singularity::pgclient
}

template <class Row>
constexpr auto make_row_shape() {
    if constexpr (Value<typename ElementOf<Row>::Value>) {
        return std::array{column_shape<Row>({})};
    } else {
        static_assert(std::is_aggregate_v<Row>, "a row is an aggregate, or one of the types in codec.hpp");
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return std::array{
                column_shape<boost::pfr::tuple_element_t<I, Row>>(boost::pfr::get_name<I, Row>())...};
        }(std::make_index_sequence<boost::pfr::tuple_size_v<Row>>());
    }
}

template <class Row>
inline constexpr auto kRowShape = make_row_shape<Row>();

// Throws DbError where the result's columns don't fit. `query` names it in the message.
void check_columns(Query query, RowShape shape, const Result& result);

[[noreturn]] void throw_unexpected_null(Query query, const Result& result, std::size_t column);
[[noreturn]] void throw_bad_value(Query query, const Result& result, std::size_t column, const BadValue& why);

template <class T>
T decode_cell(Query query, const Result& result, std::size_t row, std::size_t column) {
    const Cell cell = result.cell(row, column);
    if (cell.is_null) {
        if constexpr (ElementOf<T>::kNullable) return std::nullopt;
        else throw_unexpected_null(query, result, column);
    }
    try {
        return Codec<typename ElementOf<T>::Value>::decode(result.column_type(column), cell.bytes);
    } catch (const BadValue& why) {
        throw_bad_value(query, result, column, why);
    }
}

template <class Row>
Row decode_row(Query query, const Result& result, std::size_t row) {
    if constexpr (Value<typename ElementOf<Row>::Value>) {
        return decode_cell<Row>(query, result, row, 0);
    } else {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return Row{decode_cell<boost::pfr::tuple_element_t<I, Row>>(query, result, row, I)...};
        }(std::make_index_sequence<boost::pfr::tuple_size_v<Row>>());
    }
}

}  // namespace singularity::pgclient
