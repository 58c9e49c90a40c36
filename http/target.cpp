#include "http/target.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/encoding_opts.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <ranges>

#include "core/format.hpp"

namespace singularity::http {

namespace {

core::Expected<std::string> decoded(std::string_view text, bool space_as_plus) {
    const auto checked = boost::urls::make_pct_string_view(text);
    if (!checked) {
        return core::failure(
            core::ErrorCode::invalid_input,
            core::format("\"{}\" has a '%' that two hexadecimal digits do not follow", text));
    }
    return checked->decode(boost::urls::encoding_opts(space_as_plus));
}

}  // namespace

core::Expected<std::string> percent_decoded(std::string_view text) {
    return decoded(text, false);
}

std::string percent_encoded(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

core::Expected<Parameters> parse_query(std::string_view query) {
    Parameters parameters;
    for (const auto part : std::views::split(query, '&')) {
        const std::string_view pair(part.begin(), part.end());
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto name = decoded(pair.substr(0, equals), true);
        if (!name) return std::unexpected(name.error());
        auto value = decoded(equals == pair.npos ? "" : pair.substr(equals + 1), true);
        if (!value) return std::unexpected(value.error());
        if (!parameters.try_emplace(std::move(*name), std::move(*value)).second) {
            return core::failure(core::ErrorCode::invalid_input,
                                 core::format("\"{}\" is given twice in the query", pair.substr(0, equals)));
        }
    }
    return parameters;
}

}  // namespace singularity::http
