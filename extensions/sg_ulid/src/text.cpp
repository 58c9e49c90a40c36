// A ulid from and to its text form and its binary form on the wire.
//
// Text is 26 digits of Crockford's Base 32 (algo/ulid.hpp); binary is the sixteen bytes as they are
// stored. Bad text is a soft error, so that pg_input_is_valid() and COPY's ON_ERROR work.
#include "extensions/sg_ulid/src/value.hpp"

extern "C" {
PG_MODULE_MAGIC;
}

namespace singularity::sg_ulid {
namespace {

using Parsed = std::expected<algo::Ulid, algo::UlidError>;

constexpr char kSyntaxMessage[] = "invalid input syntax for type %s: \"%s\"";

Datum refuse_length(Node* escontext, const char* text) {
    ereturn(escontext, Datum{0},
            (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION), errmsg(kSyntaxMessage, "ulid", text),
             errdetail("A ULID has %zu characters, this has %d.", algo::kUlidTextLength, pg_mbstrlen(text))));
}

Datum refuse_character(Node* escontext, const char* text, std::size_t position) {
    const char* character = text + position;
    const bool confused = std::string_view("ILOilo").contains(*character);
    ereturn(escontext, Datum{0},
            (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION), errmsg(kSyntaxMessage, "ulid", text),
             errdetail("Character \"%.*s\" at position %zu is not a digit of Crockford's Base 32.",
                       pg_mblen(character), character, position + 1),
             confused ? errhint("Function ulid_parse_lenient() reads I and L as 1 and O as 0.") : 0));
}

Datum refuse_range(Node* escontext, const char* text, std::size_t position) {
    ereturn(
        escontext, Datum{0},
        (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
         errmsg("value \"%s\" is out of range for type %s", text, "ulid"),
         errdetail("The first digit is \"%c\"; more than 7 does not fit into 128 bits.", text[position])));
}

// `text` is the whole input, terminated, for the message.
Datum ulid_or_error(const Parsed& parsed, Node* escontext, const char* text) {
    if (parsed) return ulid_result(*parsed);
    const algo::UlidError& error = parsed.error();
    switch (error.fault) {
        case algo::UlidFault::wrong_length: return refuse_length(escontext, text);
        case algo::UlidFault::bad_character: return refuse_character(escontext, text, error.position);
        case algo::UlidFault::out_of_range: return refuse_range(escontext, text, error.position);
    }
    pg_unreachable();
}

}  // namespace

SG_FUNCTION(sg_ulid_in) {
    const char* text = PG_GETARG_CSTRING(0);
    return ulid_or_error(algo::Ulid::parse(text), fcinfo->context, text);
}

SG_FUNCTION(sg_ulid_parse_lenient) {
    const char* typed = text_to_cstring(PG_GETARG_TEXT_PP(0));
    return ulid_or_error(algo::Ulid::parse_lenient(typed), nullptr, typed);
}

SG_FUNCTION(sg_ulid_out) {
    const algo::UlidText digits = ulid_argument(fcinfo, 0).text();
    char* text = static_cast<char*>(palloc(digits.size() + 1));
    *std::copy(digits.begin(), digits.end(), text) = '\0';
    PG_RETURN_CSTRING(text);
}

SG_FUNCTION(sg_ulid_recv) {
    auto* message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    const int length = message->len - message->cursor;
    if (length != static_cast<int>(sizeof(algo::Ulid))) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                        errmsg("invalid binary representation of type %s", "ulid"),
                        errdetail("A ULID has %zu bytes, this has %d.", sizeof(algo::Ulid), length)));
    }
    algo::Ulid ulid;
    pq_copymsgbytes(message, reinterpret_cast<char*>(ulid.bytes.data()), length);
    return ulid_result(ulid);
}

SG_FUNCTION(sg_ulid_send) {
    const algo::Ulid& ulid = ulid_argument(fcinfo, 0);
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendbytes(&message, ulid.bytes.data(), static_cast<int>(ulid.bytes.size()));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

}  // namespace singularity::sg_ulid
