#include <gtest/gtest.h>

#include <set>

#include "backbone.hpp"
#include "catalogue.hpp"
#include "core/format.hpp"
#include "roles_matrix.hpp"
#include "schema/names.hpp"

namespace singularity::schema::test {
namespace {

// "table public.agents" → "tables of public"
std::string group_of(const std::string& object) {
    const auto blank = object.find(' ');
    if (blank == std::string::npos) return object;
    const std::string name = object.substr(blank + 1);
    return core::format("{}s of {}", object.substr(0, blank), name.substr(0, name.find('.')));
}

// One row of the queues' table stands for two tables, and their views where its messages have fields. A role
// is a queue's sender or its reader, not both.
void expand_queues(RolesMatrix& matrix) {
    for (const QueueRights& queue : matrix.queues) {
        std::set<std::string> waiting = {"pg_monitor: select"};
        std::set<std::string> archived = {"pg_monitor: select"};
        std::set<std::string> viewed;
        for (const std::string& role : queue.senders) waiting.insert(role + ": insert, select (msg_id)");
        for (const std::string& role : queue.readers) {
            if (role == "centralcloud") continue;  // owns the queues
            waiting.insert(role + ": delete, select, update (headers, last_read_at, read_ct, vt)");
            archived.insert(role + ": insert");
            viewed.insert(role + ": select");
        }
        const auto text = [](const std::set<std::string>& grants) {
            std::string result;
            for (const std::string& grant : grants) result += (result.empty() ? "" : "; ") + grant;
            return result;
        };
        auto& objects = matrix.objects["shared_queue"];
        objects["table pgmq.q_" + queue.queue] = {"centralcloud", text(waiting)};
        objects["table pgmq.a_" + queue.queue] = {"centralcloud", text(archived)};
        if (queue.queue == "dead_letters") continue;
        objects["view pgmq." + queue.queue] = {"centralcloud", text(viewed)};
        objects["view pgmq." + queue.queue + "_archive"] = {"centralcloud", ""};
    }
}

class Roles : public testing::TestWithParam<std::string_view> {};

TEST_P(Roles, the_catalogue_says_what_the_matrix_says) {
    RolesMatrix matrix = read_roles_matrix(std::string(SINGULARITY_SOURCE_DIR) + "/docs/roles.md");
    expand_queues(matrix);
    const auto& written = matrix.objects[std::string(GetParam())];
    ASSERT_FALSE(written.empty()) << "docs/roles.md has no table for this database";
    Database database(GetParam());
    std::set<std::string> used;
    for (const auto& [object, found] : rights_in(database)) {
        auto row = written.find(object);
        if (row == written.end()) row = written.find(group_of(object));
        if (row == written.end()) {
            ADD_FAILURE() << "not in docs/roles.md: " << object << " | " << found.owner << " | "
                          << found.grants;
            continue;
        }
        used.insert(row->first);
        EXPECT_EQ(found.owner, row->second.owner) << object;
        EXPECT_EQ(found.grants, row->second.grants) << object;
    }
    for (const auto& [object, rights] : written) {
        EXPECT_TRUE(used.contains(object)) << "in docs/roles.md, but not in the database: " << object;
    }
}

INSTANTIATE_TEST_SUITE_P(Databases, Roles, testing::ValuesIn(parts().begin(), parts().end()),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(RoleAttributes, services_are_plain_roles_and_members_of_nothing) {
    Database admin("postgres");
    EXPECT_EQ(admin.column("select rolname from pg_roles where rolname !~ '^pg_' and rolname <> 'postgres'"
                           " and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls)"),
              std::vector<std::string>{});
    EXPECT_EQ(admin.column("select rolname from pg_roles where rolreplication and rolname <> 'postgres'"),
              std::vector<std::string>{"replication"});
    EXPECT_EQ(admin.column("select rolname from pg_roles where not rolcanlogin and rolname !~ '^pg_'"),
              std::vector<std::string>{"central"});
    EXPECT_EQ(admin.value("select count(*) from pg_auth_members where member::regrole::text !~ '^pg_'"), "0");
}

TEST(RoleAttributes, passwords_are_kept_as_scram_verifiers) {
    Database admin("postgres");
    EXPECT_EQ(admin.column("select rolname from pg_authid where rolcanlogin and rolname <> 'postgres'"
                           " and coalesce(rolpassword, '') !~ '^SCRAM-SHA-256\\$4096:'"),
              std::vector<std::string>{});
}

}  // namespace
}  // namespace singularity::schema::test
