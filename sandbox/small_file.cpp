#include "sandbox/small_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "core/descriptor.hpp"

namespace singularity::sandbox {

namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

}  // namespace

std::optional<std::string> read_small_file(const std::filesystem::path& path) {
    const core::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::nullopt;
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0) return std::nullopt;
        if (count == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

bool write_small_file(const std::filesystem::path& path, std::string_view text) {
    const core::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::optional<std::int64_t> read_number(const std::filesystem::path& path) {
    const auto text = read_small_file(path);
    return text ? number_in(*text) : std::nullopt;
}

std::optional<std::int64_t> read_keyed_number(const std::filesystem::path& path, std::string_view key) {
    const auto text = read_small_file(path);
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
            return number_in(line.substr(key.size() + 1));
        }
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    return std::nullopt;
}

}  // namespace singularity::sandbox
