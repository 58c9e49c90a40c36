#include "services/genesis/languages/table.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ranges>

#include "core/config.hpp"
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

namespace fs = std::filesystem;

namespace {

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    for (char& each : lowered) {
        if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
    }
    return lowered;
}

// A folder that only the launcher may enter hides nothing from boxes.
bool absent(const Need& need) {
    struct stat found{};
    return ::stat(need.path.c_str(), &found) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

const Need* first_absent(const std::vector<Need>& needs) {
    const auto found = std::ranges::find_if(needs, absent);
    return found == needs.end() ? nullptr : &*found;
}

}  // namespace

const Language* Languages::find(std::string_view name) const {
    const std::string wanted = lower_case(name);
    const auto found = std::ranges::find_if(languages_, [&](const Language& language) {
        return language.name == wanted || std::ranges::contains(language.aliases, wanted);
    });
    return found == languages_.end() ? nullptr : &*found;
}

std::string Languages::own_name(std::string_view name) const {
    const Language* language = find(name);
    return language == nullptr ? std::string(name) : language->name;
}

std::string Languages::names() const {
    std::string names;
    for (const Language& language : languages_) names += (names.empty() ? "" : ", ") + language.name;
    return names;
}

Languages all_languages(const fs::path& runtimes) {
    const std::string folder = runtimes.string();
    return Languages({bash(), c(), cpp(), elixir(), go(folder), javascript(folder), python(), rust(),
                      sql(folder), typescript(folder)});
}

fs::path runtimes_folder() {
    std::error_code problem;
    const auto told = core::environment_variable("SINGULARITY_RUNTIMES");
    const fs::path folder = told ? fs::path(*told)
                                 : fs::read_symlink("/proc/self/exe", problem).parent_path().parent_path() /
                                       "share/singularity/runtimes";
    const fs::path real = fs::weakly_canonical(folder, problem);
    return problem ? folder : real;
}

const Need* missing_need(const Language& language, const Step& step) {
    const Need* missing = first_absent(language.needs);
    return missing != nullptr ? missing : first_absent(step.needs);
}

std::vector<sandbox::Mount> mounts_of(const Language& language, const std::vector<const Step*>& steps) {
    std::vector<sandbox::Mount> mounts;
    const auto add = [&](const std::vector<Need>& needs) {
        for (const Need& need : needs) {
            if (!need.seen_as.empty()) mounts.push_back({need.path, need.seen_as});
        }
    };
    add(language.needs);
    for (const Step* step : steps) add(step->needs);
    return mounts;
}

std::vector<sandbox::Mount> all_mounts(const Languages& languages) {
    std::vector<sandbox::Mount> all;
    for (const Language& language : languages) {
        std::vector<const Step*> steps{&language.run, &language.validate, &language.lint};
        if (language.compile) steps.push_back(&*language.compile);
        for (sandbox::Mount& mount : mounts_of(language, steps)) {
            if (!std::ranges::contains(all, mount)) all.push_back(std::move(mount));
        }
    }
    return all;
}

}  // namespace singularity::services::genesis
