#include "sandbox/test/attacks/targets.hpp"

#include <iterator>
#include <random>
#include <sstream>

namespace singularity::sandbox::attacks {

Targets::Targets(bool made) {
    if (!made) return;
    std::random_device random;
    std::ostringstream word;
    word << "secret" << std::hex << random() << random();
    const std::string secret = word.str();
    all_.push_back(secret_file(secret));
    all_.push_back(listeners(secret));
    all_.push_back(living_process(secret));
    all_.push_back(session_key(secret));
    all_.push_back(shared_objects(secret));
    all_.push_back(machine());
    names_["secret"] = secret;
    for (const auto& target : all_) names_.merge(target->names());
}

std::vector<std::string> Targets::expand(std::string_view line) const {
    std::string text(line);
    for (const auto& [name, value] : names_)
        for (std::size_t at; (at = text.find("{" + name + "}")) != std::string::npos;)
            text.replace(at, name.size() + 2, value);
    std::istringstream words(text);
    return {std::istream_iterator<std::string>(words), {}};
}

std::vector<std::string> Targets::touched() {
    std::vector<std::string> sentences;
    for (const auto& target : all_)
        for (auto& sentence : target->touched()) sentences.push_back(std::move(sentence));
    return sentences;
}

}  // namespace singularity::sandbox::attacks
