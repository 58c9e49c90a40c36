// The table of languages: which there are, and what each needs from this machine.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "services/genesis/languages/language.hpp"

namespace singularity::services::genesis {

class Languages {
public:
    explicit Languages(std::vector<Language> languages) : languages_(std::move(languages)) {}

    // By name or alias, whatever their case; null where there is none. Lives as long as the table.
    const Language* find(std::string_view name) const;
    // The name of the language that is meant; the text itself where there is none.
    std::string own_name(std::string_view name) const;
    std::string names() const;  // "bash, c, cpp, …", for messages

    auto begin() const { return languages_.begin(); }
    auto end() const { return languages_.end(); }

private:
    std::vector<Language> languages_;
};

// The ten, with what boxes get beside /usr taken from `runtimes`.
Languages all_languages(const std::filesystem::path& runtimes);

// $SINGULARITY_RUNTIMES, or share/singularity/runtimes beside the folder of this program.
std::filesystem::path runtimes_folder();

// The first that is not there, of the language and one of its steps; null where all are. Looks at the disk
// each time: packages come and go.
const Need* missing_need(const Language& language, const Step& step);

// What boxes get beside /usr for a language and steps of it.
std::vector<sandbox::Mount> mounts_of(const Language& language, const std::vector<const Step*>& steps);

// For all languages and all kinds of jobs, each once.
std::vector<sandbox::Mount> all_mounts(const Languages& languages);

}  // namespace singularity::services::genesis
