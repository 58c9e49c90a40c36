#include "messages/blob_references.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "messages/body_check.hpp"

namespace singularity::messages {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string text(char letter, std::size_t kilobytes) {
    return std::string(kilobytes * 1024, letter);
}

json::object body_with(json::object fields) {
    fields["language"] = "python";
    return fields;
}

std::map<std::string, std::string> stored(const std::vector<Blob>& blobs) {
    std::map<std::string, std::string> store;
    for (const Blob& blob : blobs) store[blob.hash] = blob.bytes;
    return store;
}

BlobLookup from(std::map<std::string, std::string> store) {
    return [store = std::move(store)](const std::string& hash) -> std::optional<std::string> {
        const auto found = store.find(hash);
        return found == store.end() ? std::nullopt : std::optional(found->second);
    };
}

TEST(BlobReferences, a_body_of_64_kilobytes_travels_whole) {
    json::object body = body_with({{"code", ""}});
    body["code"] = std::string(kInlineBytes - json::serialize(body).size(), 'x');
    const json::object before = body;
    EXPECT_THAT(externalise(body), IsEmpty());
    EXPECT_EQ(body, before);
    body["code"] = std::string(body["code"].as_string()) + "x";
    EXPECT_EQ(externalise(body).size(), 1u);
}

TEST(BlobReferences, the_longest_strings_go_until_the_body_is_short_enough) {
    json::object body = body_with(
        {{"code", text('a', 40)}, {"files", {{{"content", text('b', 50)}}}}, {"stdin", text('c', 20)}});
    const json::object before = body;
    const std::vector<Blob> blobs = externalise(body);
    ASSERT_EQ(blobs.size(), 1u);
    EXPECT_EQ(blobs[0].bytes, text('b', 50));
    EXPECT_EQ(body.at("files").at(0).at("content"),
              json::value({{"$blob", blobs[0].hash}, {"bytes", 50 * 1024}}));
    EXPECT_EQ(body.at("code"), before.at("code"));
    EXPECT_LE(json::serialize(body).size(), kInlineBytes);
    EXPECT_TRUE(internalise(body, from(stored(blobs))));
    EXPECT_EQ(body, before);
}

TEST(BlobReferences, the_hash_is_sha_256_of_the_bytes) {
    json::object body{{"code", text('a', 1024)}};
    EXPECT_EQ(externalise(body).at(0).hash,
              "9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360");
}

TEST(BlobReferences, the_same_body_gives_the_same_references) {
    const json::object body =
        body_with({{"a", text('a', 30)}, {"b", text('b', 30)}, {"c", text('c', 30)}, {"d", text('d', 30)}});
    json::object one = body, two = body;
    EXPECT_EQ(externalise(one).size(), externalise(two).size());
    EXPECT_EQ(json::serialize(one), json::serialize(two));
    EXPECT_TRUE(one.at("a").is_object());
    EXPECT_TRUE(one.at("d").is_string());
    const json::object once = one;
    EXPECT_THAT(externalise(one), IsEmpty());
    EXPECT_EQ(one, once);
}

TEST(BlobReferences, equal_strings_share_a_blob) {
    json::object body = body_with({{"a", text('x', 70)}, {"b", text('x', 70)}});
    const std::vector<Blob> blobs = externalise(body);
    EXPECT_EQ(blobs.size(), 1u);
    EXPECT_EQ(body.at("a"), body.at("b"));
    EXPECT_EQ(references(body).size(), 1u);
    EXPECT_TRUE(internalise(body, from(stored(blobs))));
    EXPECT_EQ(body.at("b").as_string(), text('x', 70));
}

TEST(BlobReferences, short_strings_stay_however_many_there_are) {
    json::array lines(500, json::value(std::string(kLeastBlobBytes - 1, 'x')));
    json::object body = body_with({{"lines", lines}});
    EXPECT_THAT(externalise(body), IsEmpty());
}

TEST(BlobReferences, strings_that_are_long_only_when_written_count_as_written) {
    json::object body{{"code", std::string(20 * 1024, '\x01')}};
    EXPECT_EQ(externalise(body).size(), 1u);
}

TEST(BlobReferences, only_what_is_exactly_a_reference_is_one) {
    const std::string hash(64, 'a');
    EXPECT_TRUE(reference_of({{"$blob", hash}, {"bytes", 3}}));
    EXPECT_FALSE(reference_of({{"$blob", hash}}));
    EXPECT_FALSE(reference_of({{"$blob", hash}, {"bytes", 3}, {"more", 1}}));
    EXPECT_FALSE(reference_of({{"$blob", hash}, {"bytes", -3}}));
    EXPECT_FALSE(reference_of({{"$blob", hash}, {"bytes", "3"}}));
    EXPECT_FALSE(reference_of({{"$blob", std::string(64, 'A')}, {"bytes", 3}}));
    EXPECT_FALSE(reference_of({{"$blob", 3}, {"bytes", 3}}));
    EXPECT_THAT(references({{"$blob", hash}, {"bytes", 3}}), IsEmpty());
}

class Internalise : public testing::Test {
protected:
    Internalise() {
        body_ = body_with({{"files", {{{"content", text('a', 100)}}}}});
        blobs_ = externalise(body_);
    }

    std::string problem(const BlobLookup& lookup) {
        const auto outcome = internalise(body_, lookup);
        if (outcome) return "none";
        EXPECT_EQ(outcome.error().code, core::ErrorCode::invalid_input);
        return outcome.error().details.at(0);
    }

    json::object body_;
    std::vector<Blob> blobs_;
};

TEST_F(Internalise, a_missing_blob_is_an_error) {
    EXPECT_EQ(problem(from({})), "files[0].content: blob " + blobs_[0].hash + " is not there");
}

TEST_F(Internalise, a_blob_with_other_bytes_is_an_error) {
    EXPECT_THAT(problem(from({{blobs_[0].hash, text('b', 100)}})), HasSubstr("other bytes"));
    EXPECT_THAT(problem(from({{blobs_[0].hash, text('a', 99)}})), HasSubstr("other bytes"));
}

TEST_F(Internalise, a_blob_that_is_no_text_is_an_error) {
    body_ = {{"code", text('\0', 100)}};
    const auto blobs = externalise(body_);
    EXPECT_THAT(problem(from(stored(blobs))), HasSubstr("is no text"));
}

TEST_F(Internalise, few_references_cannot_make_a_message_longer_than_it_may_be) {
    json::object many;
    const json::object big{{"$blob", std::string(64, 'a')}, {"bytes", kMaxBodyBytes / 2}};
    for (const char* name : {"a", "b", "c"}) many[name] = big;
    std::size_t looked_up = 0;
    body_ = many;
    EXPECT_THAT(problem([&](const std::string&) { return ++looked_up, std::nullopt; }),
                HasSubstr("is not there"));
    EXPECT_EQ(looked_up, 1u);
    body_ = {{"a", {{"$blob", std::string(64, 'a')}, {"bytes", kMaxBodyBytes + 1}}}};
    EXPECT_THAT(problem([&](const std::string&) { return ++looked_up, std::nullopt; }),
                StartsWith("a: with it, blobs are longer"));
    EXPECT_EQ(looked_up, 1u);
}

}  // namespace
}  // namespace singularity::messages
