// The folders and files of one backbone, by name. docs/cluster.md draws the layout.
//
// A *home* is the folder that holds a private cluster, its keys, its logs and its state. Everything
// here is a pure function of the home's path; nothing is looked up or made.
#pragma once

#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace singularity::cluster {

class Home {
public:
    // Refused: a path that PostgreSQL's settings or a libpq URL could not carry.
    static core::Expected<Home> at(const std::filesystem::path& root);

    const std::filesystem::path& root() const { return root_; }

    std::filesystem::path data() const { return root_ / "pg"; }
    std::filesystem::path new_data() const { return root_ / "pg.new"; }  // while initdb runs
    std::filesystem::path extensions() const { return root_ / "extensions"; }
    std::filesystem::path keys() const { return root_ / "keys"; }
    std::filesystem::path passfile() const { return keys() / "pgpass"; }
    std::filesystem::path log() const { return root_ / "log"; }
    std::filesystem::path log_of(const std::string& part) const { return log() / (part + ".log"); }
    std::filesystem::path state() const { return root_ / "state"; }
    std::filesystem::path lock() const { return state() / "lock"; }
    std::filesystem::path status() const { return state() / "status.json"; }
    std::filesystem::path sockets_link() const {
        return state() / "sockets";
    }  // symlink to the folder in use
    std::filesystem::path configuration() const { return root_ / "singularity.toml"; }

    // The operator's own settings, included after ours; made empty, then never written.
    std::filesystem::path operator_conf() const { return root_ / "operator.conf"; }
    std::filesystem::path operator_hba() const { return root_ / "operator_hba.conf"; }
    std::filesystem::path operator_ident() const { return root_ / "operator_ident.conf"; }

    // Eight hexadecimal digits (FNV-1a of the path) that tell homes apart in shared folders.
    std::string hash() const;

    // Whether a name directly below a home is one that a home may have.
    static bool knows(const std::string& name);

private:
    explicit Home(std::filesystem::path root) : root_(std::move(root)) {}

    std::filesystem::path root_;  // absolute, normal, without a trailing slash
};

}  // namespace singularity::cluster
