#include "pgclient/arguments.hpp"
#include "pgclient/error.hpp"
#include "pgclient/parameters.hpp"

#include <boost/json/parse.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace singularity::pgclient {
namespace {

using ::testing::ElementsAre;

constexpr Query kQuery{"a_query", "select 1"};

template <class T>
Buffer encoded(const T& value) {
    Buffer out;
    Codec<T>::encode(value, out);
    return out;
}

template <class T>
T round_trip(const T& value, Oid type) {
    return Codec<T>::decode(type, encoded(value));
}

Buffer bytes(std::initializer_list<int> values) {
    Buffer out;
    for (const int value : values) out.push_back(static_cast<std::byte>(value));
    return out;
}

TEST(Codec, integers_are_big_endian_and_widen) {
    EXPECT_EQ(encoded(std::int32_t{0x01020304}), bytes({1, 2, 3, 4}));
    EXPECT_EQ(round_trip(std::numeric_limits<std::int64_t>::min(), oid::kInt8),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(Codec<std::int64_t>::decode(oid::kInt2, encoded(std::int16_t{-7})), -7);
    EXPECT_TRUE(Codec<std::int64_t>::reads(oid::kInt4));
    EXPECT_FALSE(Codec<std::int32_t>::reads(oid::kInt8));
    EXPECT_THROW(Codec<std::int32_t>::decode(oid::kInt4, bytes({1, 2, 3})), BadValue);
}

TEST(Codec, timestamps_count_from_2000_and_know_infinity) {
    using namespace std::chrono;
    const Timestamp moment = sys_days{year{1999} / 12 / 31} + 23h + 59min + 59s + 999'999us;
    EXPECT_EQ(encoded(moment), bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
    EXPECT_EQ(round_trip(moment, oid::kTimestamptz), moment);
    EXPECT_EQ(round_trip(Timestamp::max(), oid::kTimestamptz), Timestamp::max());
    EXPECT_EQ(round_trip(Timestamp::min(), oid::kTimestamptz), Timestamp::min());
    const auto too_late = encoded(std::int64_t{std::numeric_limits<std::int64_t>::max() - 1});
    EXPECT_THROW(Codec<Timestamp>::decode(oid::kTimestamptz, too_late), BadValue);
}

TEST(Codec, arrays_keep_order_and_nulls) {
    const std::vector<std::optional<std::string>> words{"a", std::nullopt, ""};
    EXPECT_EQ(round_trip(words, oid::kTextArray), words);
    EXPECT_EQ(round_trip(std::vector<bool>{true, false}, oid::kBoolArray), (std::vector<bool>{true, false}));
    EXPECT_EQ(round_trip(std::vector<double>{}, oid::kFloat8Array), std::vector<double>{});
    EXPECT_THROW((Codec<std::vector<std::string>>::decode(oid::kTextArray, encoded(words))), BadValue);
}

TEST(Codec, malformed_arrays_are_refused) {
    using Ints = Codec<std::vector<std::int32_t>>;
    const Buffer good = encoded(std::vector<std::int32_t>{1, 2});
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_THROW(Ints::decode(oid::kInt4Array, std::span(good).first(size)), BadValue) << size;
    }
    Buffer huge = good;
    huge[12] = std::byte{0x7f};
    EXPECT_THROW(Ints::decode(oid::kInt4Array, huge), BadValue) << "a size that the bytes don't back";
    Buffer square = good;
    square[3] = std::byte{2};
    EXPECT_THROW(Ints::decode(oid::kInt4Array, square), BadValue) << "two dimensions";
}

TEST(Codec, json_has_its_version_and_may_nest_deeply) {
    const auto value = boost::json::parse(R"({"a":[1,2.5,null,"ä"]})");
    EXPECT_EQ(round_trip(value, oid::kJsonb), value);
    EXPECT_THROW(Codec<boost::json::value>::decode(oid::kJsonb, bytes({2, '1'})), BadValue);
    EXPECT_THROW(Codec<boost::json::value>::decode(oid::kJsonb, bytes({1, '{'})), BadValue);
    std::string nested = std::string(500, '[') + std::string(500, ']');
    Buffer deep = bytes({1});
    append_text(deep, nested);
    EXPECT_NO_THROW(Codec<boost::json::value>::decode(oid::kJsonb, deep));
}

TEST(Codec, uuids_are_written_canonically_and_read_strictly) {
    const auto uuid = Uuid::parse("0190A5E6-0000-7abc-8def-0123456789ab");
    ASSERT_TRUE(uuid);
    EXPECT_EQ(uuid->to_string(), "0190a5e6-0000-7abc-8def-0123456789ab");
    EXPECT_EQ(round_trip(*uuid, oid::kUuid), *uuid);
    for (const char* wrong :
         {"", "0190a5e600007abc8def0123456789ab", "0190a5e6-0000-7abc-8def-0123456789a",
          "0190a5e6-0000-7abc-8def-0123456789ag", "{190a5e6-0000-7abc-8def-0123456789ab"}) {
        EXPECT_FALSE(Uuid::parse(wrong)) << wrong;
    }
}

TEST(Parameters, absent_values_are_null_and_empty_ones_are_not) {
    const Arguments arguments(std::optional<std::int32_t>{}, Bytes{}, "", std::nullopt);
    Parameters parameters;
    parameters.assign(kQuery, arguments, {});
    EXPECT_EQ(parameters.size(), 4);
    EXPECT_EQ(parameters.values()[0], nullptr);
    EXPECT_NE(parameters.values()[1], nullptr);
    EXPECT_STREQ(parameters.values()[2], "");
    EXPECT_EQ(parameters.values()[3], nullptr);
}

TEST(Parameters, what_is_declared_follows_the_type_also_when_it_is_absent) {
    const Arguments arguments(std::optional<std::int64_t>{}, std::string("x"), true,
                              std::vector<std::string>{});
    std::vector<Oid> declared;
    for (const Argument& argument : arguments.all()) declared.push_back(argument.declared);
    EXPECT_THAT(declared, ElementsAre(oid::kInt8, oid::kUnspecified, oid::kBool, oid::kTextArray));
}

TEST(Parameters, a_ulid_takes_the_form_of_its_place) {
    const algo::Ulid ulid = algo::Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").value();
    const Arguments arguments(ulid, ulid, std::vector{ulid, ulid}, std::vector{ulid});
    Parameters parameters;
    const std::vector<Oid> types{oid::kUuid, oid::kText, oid::kTextArray, oid::kUuidArray};
    parameters.assign(kQuery, arguments, types);
    EXPECT_EQ(parameters.lengths()[0], 16);
    EXPECT_STREQ(parameters.values()[1], "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    EXPECT_STREQ(parameters.values()[2], "{01ARZ3NDEKTSV4RRFFQ69G5FAV,01ARZ3NDEKTSV4RRFFQ69G5FAV}");
    const auto array = std::as_bytes(std::span(parameters.values()[3], parameters.lengths()[3]));
    EXPECT_THAT(Codec<std::vector<algo::Ulid>>::decode(oid::kUuidArray, array), ElementsAre(ulid));
}

TEST(Parameters, text_with_nul_is_refused_by_number) {
    const Arguments arguments(1, std::string("a\0b", 3));
    Parameters parameters;
    try {
        parameters.assign(kQuery, arguments, {});
        FAIL() << "accepted";
    } catch (const DbError& error) {
        EXPECT_EQ(error.sqlstate(), kBadCharacter);
        EXPECT_STREQ(error.what(),
                     "query a_query: parameter $2 contains a NUL character, which text can't hold");
    }
}

}  // namespace
}  // namespace singularity::pgclient
