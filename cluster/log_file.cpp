#include "cluster/log_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <boost/json.hpp>
#include <deque>
#include <fstream>
#include <ranges>

#include "cluster/os_error.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace fs = std::filesystem;

namespace {

// {"level":"error","event":"config.invalid","key":"http"} → config.invalid key=http
std::string readable(const std::string& line) {
    boost::system::error_code error;
    const auto value = boost::json::parse(line, error);
    if (error || !value.is_object() || !value.as_object().contains("event")) return line;
    std::string text(value.at("event").as_string());
    for (const auto& [key, field] : value.as_object()) {
        if (key == "time" || key == "level" || key == "service" || key == "event") continue;
        text +=
            core::format(" {}={}", std::string_view(key),
                         field.is_string() ? std::string(field.as_string()) : boost::json::serialize(field));
    }
    return text;
}

}  // namespace

core::Expected<Descriptor> open_log(const fs::path& path) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file) return os_failure(core::format("cannot open {}", path.string()));
    return file;
}

void rotate_log(const fs::path& path, std::uintmax_t largest) {
    std::error_code error;
    if (fs::file_size(path, error) <= largest || error) return;
    fs::copy_file(path, path.native() + ".1", fs::copy_options::overwrite_existing, error);
    if (!error) fs::resize_file(path, 0, error);
}

std::vector<std::string> last_log_lines(const fs::path& path, std::size_t count, std::uintmax_t from) {
    constexpr std::uintmax_t kTail = 16 << 10;
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return {};
    const auto size = static_cast<std::uintmax_t>(file.tellg());
    if (from > size) from = 0;  // it was rotated
    file.seekg(static_cast<std::streamoff>(std::max(from, size > kTail ? size - kTail : 0)));
    std::deque<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (line.empty()) continue;
        lines.push_back(std::move(line));
        if (lines.size() > count) lines.pop_front();
    }
    return {lines.begin(), lines.end()};
}

std::string complaint_in(const std::vector<std::string>& lines) {
    for (const std::string& line : lines | std::views::reverse) {
        if (line.contains(R"("level":"error")")) return readable(line);
        for (const std::string_view mark : {"FATAL:  ", "PANIC:  "}) {  // PostgreSQL's, after its prefix
            if (const auto at = line.find(mark); at != std::string::npos)
                return line.substr(at + mark.size());
        }
    }
    return lines.empty() ? "" : readable(lines.back());
}

}  // namespace singularity::cluster
