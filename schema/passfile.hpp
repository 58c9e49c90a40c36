// libpq's password file: one line a login, host:port:database:user:password, the first match counts.
//
// The bootstrap's own lines are *:*:*:ROLE:PASSWORD, one for each role. Lines of other people stay.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::schema {

struct PassLine {
    std::string host = "*";
    std::string port = "*";
    std::string database = "*";
    std::string user = {};
    std::string password = {};
};

class Passfile {
public:
    // A file that is not there is an empty one. Throws std::system_error if it can't be read.
    static Passfile read(std::filesystem::path path);
    static Passfile parse(std::string_view text);

    // The password with which `role` logs in everywhere.
    std::optional<std::string> password_of(std::string_view role) const;

    // Replaces the line for the same host, port, database and user. Lines for particular hosts come first,
    // since the first match counts. False if nothing changed.
    bool set(const PassLine& line);

    std::string text() const;

    // Written beside, then renamed: a reader sees the old file or the new one. 0600; where root writes, it
    // belongs to whom the folder belongs. Throws std::system_error.
    void write() const;

private:
    std::filesystem::path path_;
    std::vector<std::string> lines_;
};

}  // namespace singularity::schema
