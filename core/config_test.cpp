#include "core/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace singularity::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConfigTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "config.XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        environment_["SINGULARITY_HOME"] = folder_.string();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write_file(const std::string& text) { std::ofstream(folder_ / "singularity.toml") << text; }

    Expected<Config> load() {
        return load_config({.file = {},
                            .environment = [this](std::string_view name) -> std::optional<std::string> {
                                const auto found = environment_.find(std::string(name));
                                if (found == environment_.end()) return std::nullopt;
                                return found->second;
                            },
                            .flags = flags_});
    }

    std::filesystem::path folder_;
    std::map<std::string, std::string> environment_, flags_;
};

TEST_F(ConfigTest, defaults_hold_where_nothing_is_said) {
    const auto config = load();
    ASSERT_TRUE(config);
    EXPECT_EQ(config->instance_id, "singularity");
    EXPECT_EQ(config->http, "127.0.0.1:8600");
    EXPECT_EQ(config->sources.at("http"), "default");
}

TEST_F(ConfigTest, environment_outranks_file_and_flag_outranks_both) {
    write_file("instance_id = \"from_file\"\nhttp = \"127.0.0.1:1\"\n[shared_queue]\npoll_ms = 50\n");
    environment_["SINGULARITY_INSTANCE_ID"] = "from_environment";
    environment_["SINGULARITY_HTTP"] = "127.0.0.1:2";
    flags_["http"] = "127.0.0.1:3";
    const auto config = load();
    ASSERT_TRUE(config);
    EXPECT_EQ(config->instance_id, "from_environment");
    EXPECT_EQ(config->http, "127.0.0.1:3");
    EXPECT_EQ(config->shared_queue_poll_ms, 50);
    EXPECT_EQ(config->sources.at("http"), "flag --http");
    EXPECT_THAT(config->sources.at("shared_queue.poll_ms"), HasSubstr("line 4"));
}

TEST_F(ConfigTest, reports_every_problem_at_once_with_key_and_source) {
    write_file("instanceid = \"x\"\n[log]\nlevel = \"loud\"\n[shared_queue]\nbatch_size = 0\n");
    environment_["CENTRALCLOUD_REPLICATION_PORT"] = "70000";
    const auto config = load();
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(
        config.error().details,
        testing::UnorderedElementsAre(
            testing::AllOf(HasSubstr("instanceid"), HasSubstr("line 1"), HasSubstr("no such setting")),
            testing::AllOf(HasSubstr("log.level"), HasSubstr("line 3"), HasSubstr("\"loud\"")),
            testing::AllOf(HasSubstr("shared_queue.batch_size"), HasSubstr("from 1 to 1000")),
            testing::AllOf(HasSubstr("replication.port"),
                           HasSubstr("environment CENTRALCLOUD_REPLICATION_PORT"))));
}

TEST_F(ConfigTest, refuses_an_address_that_no_machine_has) {
    for (const char* wrong : {"256.1.1.1:8600", "1.2.3:8600", "[::1:8600", "[:::]:8600", "127.0.0.1:65536"}) {
        flags_["http"] = wrong;
        const auto config = load();
        ASSERT_FALSE(config) << wrong;
        EXPECT_THAT(config.error().details, testing::ElementsAre(HasSubstr(wrong)));
    }
    for (const char* right : {"0.0.0.0:0", "[::1]:8600", "[::ffff:127.0.0.1]:1", "localhost:8600"}) {
        flags_["http"] = right;
        EXPECT_TRUE(load()) << right;
    }
}

TEST_F(ConfigTest, a_file_that_is_no_toml_is_named_with_its_line) {
    write_file("http = \"127.0.0.1:1\"\nthis is not toml\n");
    const auto config = load();
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().details,
                ElementsAre(testing::AllOf(HasSubstr("singularity.toml"), HasSubstr("line 2"))));
}

TEST_F(ConfigTest, the_shared_queue_is_as_the_environment_says) {
    environment_["SHARED_QUEUE_ENABLED"] = "false";
    environment_["SHARED_QUEUE_AUTO_INITIALIZE"] = "false";
    environment_["SHARED_QUEUE_RETENTION_DAYS"] = "7";
    const auto config = load();
    ASSERT_TRUE(config);
    EXPECT_FALSE(config->shared_queue_enabled);
    EXPECT_FALSE(config->shared_queue_auto_initialize);
    EXPECT_EQ(config->shared_queue_retention_days, 7);
}

TEST_F(ConfigTest, a_shared_queue_elsewhere_is_found_by_its_parts_or_by_its_url) {
    environment_["SHARED_QUEUE_PORT"] = "5433";
    environment_["SHARED_QUEUE_USER"] = "me@work";
    environment_["SHARED_QUEUE_PASSWORD"] = "p/w:d";
    EXPECT_TRUE(load()->database_urls.empty()) << "without a host it is the private cluster's";
    environment_["SHARED_QUEUE_HOST"] = "/run/pg";
    const auto config = load();
    ASSERT_TRUE(config);
    EXPECT_EQ(config->database_urls.at("shared_queue"),
              "postgresql://me%40work:p%2Fw%3Ad@/shared_queue?host=%2Frun%2Fpg&port=5433");
    for (const EffectiveSetting& setting : effective_settings(*config)) {
        EXPECT_THAT(setting.value, testing::Not(HasSubstr("w%3Ad"))) << setting.key;
    }
    environment_["SHARED_QUEUE_DB_URL"] = "postgresql://db/bus";
    EXPECT_EQ(load()->database_urls.at("shared_queue"), "postgresql://db/bus");
}

TEST_F(ConfigTest, a_queue_has_settings_of_its_own) {
    write_file(
        "[queues.job_requests]\nretention_days = 7\nmax_attempts = 3\nconcurrency = 2\nbatch = 5\n"
        "per_second = 0.5\nvisibility_seconds = 120\n[queues.llm_requests]\nper_second = 20\n");
    const auto config = load();
    ASSERT_TRUE(config);
    const QueueSettings& jobs = config->queues.at("job_requests");
    EXPECT_EQ(jobs.retention_days, 7);
    EXPECT_EQ(jobs.max_attempts, 3);
    EXPECT_EQ(jobs.concurrency, 2);
    EXPECT_EQ(jobs.batch, 5);
    EXPECT_EQ(jobs.per_second, 0.5);
    EXPECT_EQ(jobs.visibility_seconds, 120);
    EXPECT_EQ(config->queues.at("llm_requests").per_second, 20);
    EXPECT_EQ(config->queues.at("llm_requests").concurrency, std::nullopt);
    std::vector<std::string> shown;
    for (const EffectiveSetting& setting : effective_settings(*config)) {
        if (setting.key.starts_with("queues.llm")) shown.push_back(setting.key + "=" + setting.value);
    }
    EXPECT_THAT(shown, ElementsAre("queues.llm_requests.per_second=20"));
}

TEST_F(ConfigTest, what_a_relay_empties_is_claimed_for_a_short_time_and_has_settings_like_any_queue) {
    EXPECT_EQ(load()->queues.at("outbox").visibility_seconds, 5);
    EXPECT_EQ(load()->queues.at("centralcloud-new-patterns").visibility_seconds, 5);
    write_file(
        "[queues.outbox]\nvisibility_seconds = 60\nconcurrency = 32\nmax_attempts = 3\nper_second = 100\n");
    const auto config = load();
    ASSERT_TRUE(config);
    const QueueSettings& outbox = config->queues.at("outbox");
    EXPECT_EQ(outbox.visibility_seconds, 60);
    EXPECT_EQ(outbox.concurrency, 32);
    EXPECT_EQ(outbox.max_attempts, 3);
    EXPECT_EQ(outbox.per_second, 100);
    EXPECT_EQ(config->queues.at("centralcloud-new-patterns").visibility_seconds, 5);
    write_file("[queues.outbox]\nretention_days = 3\n");
    const auto refused = load();
    ASSERT_FALSE(refused) << "its archive is the schema's to keep";
    EXPECT_THAT(refused.error().details, ElementsAre(testing::AllOf(HasSubstr("queues.outbox.retention_days"),
                                                                    HasSubstr("no such setting"))));
}

TEST_F(ConfigTest, http_has_an_address_and_limits) {
    EXPECT_EQ(load()->http_max_connections, 16'384);
    EXPECT_EQ(load()->http_max_waiting, 12'000);
    write_file(
        "[http]\naddress = \"127.0.0.1:1\"\nmax_connections = 100\nmax_waiting = 50\nmax_body_bytes = 4096\n"
        "idle_seconds = 5\n");
    const auto config = load();
    ASSERT_TRUE(config);
    EXPECT_EQ(config->http, "127.0.0.1:1");
    EXPECT_THAT(config->sources.at("http"), HasSubstr("line 2"));
    EXPECT_EQ(config->http_max_connections, 100);
    EXPECT_EQ(config->http_max_waiting, 50);
    EXPECT_EQ(config->http_max_body_bytes, 4096);
    EXPECT_EQ(config->http_idle_seconds, 5);
    write_file(
        "[http]\nmax_connections = 0\nmax_waiting = \"many\"\nmax_body_bytes = 1\nidle_seconds = 0\nport = "
        "1\n");
    const auto wrong = load();
    ASSERT_FALSE(wrong);
    EXPECT_THAT(
        wrong.error().details,
        testing::UnorderedElementsAre(HasSubstr("http.max_connections"), HasSubstr("http.max_waiting"),
                                      HasSubstr("http.max_body_bytes"), HasSubstr("http.idle_seconds"),
                                      testing::AllOf(HasSubstr("http.port"), HasSubstr("no such setting"))));
}

TEST_F(ConfigTest, refuses_queues_that_there_are_not_and_numbers_that_none_can_have) {
    write_file(
        "[queues.llm_request]\n[queues.llm_results]\nconcurrency = -1\nper_second = nan\nmax_attempts = 0\n"
        "visibility_seconds = \"long\"\nbatch = 1001\nspeed = 1\n[queues.job_results]\nretention_days = [1]\n"
        "[shared_queue]\nbatch_size = -1\nenabled = 2\n");
    const auto config = load();
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().details,
                testing::UnorderedElementsAre(
                    testing::AllOf(HasSubstr("queues.llm_request "), HasSubstr("line 1"),
                                   HasSubstr("there are agent_messages, ")),
                    testing::AllOf(HasSubstr("queues.llm_results.concurrency"), HasSubstr("\"-1\"")),
                    HasSubstr("queues.llm_results.per_second"), HasSubstr("queues.llm_results.max_attempts"),
                    HasSubstr("queues.llm_results.visibility_seconds"),
                    testing::AllOf(HasSubstr("queues.llm_results.batch"), HasSubstr("\"1001\""),
                                   HasSubstr("from 1 to 1000")),
                    testing::AllOf(HasSubstr("queues.llm_results.speed"), HasSubstr("no such setting")),
                    testing::AllOf(HasSubstr("queues.job_results.retention_days"), HasSubstr("single value")),
                    HasSubstr("shared_queue.batch_size"),
                    testing::AllOf(HasSubstr("shared_queue.enabled"), HasSubstr("true or false"))));
}

TEST_F(ConfigTest, secrets_are_redacted_where_they_are_shown) {
    environment_["CENTRALCLOUD_REPLICATION_PASSWORD"] = "hunter2";
    environment_["DATABASE_URL"] = "postgresql://me:hunter2@db/app";
    const auto config = load();
    ASSERT_TRUE(config);
    for (const EffectiveSetting& setting : effective_settings(*config)) {
        EXPECT_THAT(setting.value, testing::Not(HasSubstr("hunter2"))) << setting.key;
    }
}

TEST_F(ConfigTest, a_wrong_url_is_reported_without_its_password) {
    environment_["DATABASE_URL"] = "mysql://me:hunter2@db/app";
    const auto config = load();
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().details, ElementsAre(testing::Not(HasSubstr("hunter2"))));
}

TEST(RedactUrl, hides_passwords_in_urls_and_conninfo_strings) {
    EXPECT_EQ(redact_url("postgresql://u:p@h/d"), "postgresql://u:••••@h/d");
    EXPECT_EQ(redact_url("host=h password=p user=u"), "host=h password=•••• user=u");
    EXPECT_EQ(redact_url("postgresql://u@h/d"), "postgresql://u@h/d");
}

TEST(DefaultHome, depends_on_who_asks) {
    EXPECT_EQ(default_home(true, "/root"), "/var/lib/singularity");
    EXPECT_EQ(default_home(false, "/home/ada"), "/home/ada/.local/share/singularity");
}

}  // namespace
}  // namespace singularity::core
