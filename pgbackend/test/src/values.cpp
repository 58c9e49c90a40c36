// One function a type, which returns its argument.
#include "pgbackend/function.hpp"

namespace singularity::pgbackend {
namespace {

template <class T>
Datum echo(FunctionCall& fn) {
    return fn.ret(fn.arg<std::optional<T>>(0));
}

}  // namespace

SG_FUNCTION(bridge_echo_boolean) {
    return echo<bool>(fn);
}
SG_FUNCTION(bridge_echo_int2) {
    return echo<std::int16_t>(fn);
}
SG_FUNCTION(bridge_echo_int4) {
    return echo<std::int32_t>(fn);
}
SG_FUNCTION(bridge_echo_int8) {
    return echo<std::int64_t>(fn);
}
SG_FUNCTION(bridge_echo_oid) {
    return echo<Oid>(fn);
}
SG_FUNCTION(bridge_echo_float8) {
    return echo<double>(fn);
}
SG_FUNCTION(bridge_echo_text) {
    return echo<std::string_view>(fn);
}
SG_FUNCTION(bridge_echo_bytea) {
    return echo<std::span<const std::byte>>(fn);
}
SG_FUNCTION(bridge_echo_timestamptz) {
    return echo<TimePoint>(fn);
}
SG_FUNCTION(bridge_echo_interval) {
    return echo<std::chrono::microseconds>(fn);
}
SG_FUNCTION(bridge_echo_jsonb) {
    return echo<Jsonb*>(fn);
}
SG_FUNCTION(bridge_echo_int8_array) {
    return echo<std::span<const std::int64_t>>(fn);
}

SG_FUNCTION(bridge_must_have_int8) {
    return fn.ret(fn.arg<std::int64_t>(0));
}

// As the server's timestamps count, so that a shifted epoch can't cancel out.
SG_FUNCTION(bridge_unix_microseconds) {
    return fn.ret(std::int64_t{fn.arg<TimePoint>(0).time_since_epoch().count()});
}

// Elements joined by commas, nulls as "-".
SG_FUNCTION(bridge_join_text) {
    const auto elements = fn.arg<Elements<std::string_view>>(0);
    std::string joined;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (i > 0) joined += ',';
        joined += elements[i].value_or("-");
    }
    return fn.ret(joined);
}

SG_FUNCTION(bridge_int8_array_of) {
    std::vector<std::int64_t> values;
    for (std::int32_t i = 1; i <= fn.arg<std::int32_t>(0); ++i) values.push_back(i);
    return fn.ret(values);
}

}  // namespace singularity::pgbackend
