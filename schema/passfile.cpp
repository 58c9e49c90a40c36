#include "schema/passfile.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace singularity::schema {

namespace {

std::string escaped(std::string_view field) {
    std::string result;
    for (const char character : field) {
        if (character == ':' || character == '\\') result += '\\';
        result += character;
    }
    return result;
}

std::string key_of(const PassLine& line) {
    return escaped(line.host) + ':' + escaped(line.port) + ':' + escaped(line.database) + ':' +
           escaped(line.user) + ':';
}

std::string unescaped(std::string_view field) {
    std::string result;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] == '\\' && i + 1 < field.size()) ++i;
        result += field[i];
    }
    return result;
}

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
    throw std::system_error(errno, std::generic_category(), std::string(what) + ' ' + path.string());
}

class Descriptor {
public:
    Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
        : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
        if (number_ < 0) fail(path_, "cannot open");
    }
    ~Descriptor() { ::close(number_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return number_; }

    void write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t written = ::write(number_, text.data(), text.size());
            if (written < 0 && errno != EINTR) fail(path_, "cannot write");
            if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    void sync() {
        if (::fsync(number_) != 0) fail(path_, "cannot write");
    }

private:
    std::filesystem::path path_;
    int number_;
};

void give_to_owner_of(const std::filesystem::path& folder, int file) {
    struct stat status{};
    if (::geteuid() != 0 || ::stat(folder.c_str(), &status) != 0) return;
    if (::fchown(file, status.st_uid, status.st_gid) != 0) fail(folder, "cannot give a file to the owner of");
}

}  // namespace

Passfile Passfile::read(std::filesystem::path path) {
    std::ifstream file(path, std::ios::binary);
    if (!file && std::filesystem::exists(path)) fail(path, "cannot read");
    Passfile result = parse(std::string(std::istreambuf_iterator<char>(file), {}));
    result.path_ = std::move(path);
    return result;
}

Passfile Passfile::parse(std::string_view text) {
    Passfile result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0) result.lines_.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::optional<std::string> Passfile::password_of(std::string_view role) const {
    const std::string key = key_of({.user = std::string(role)});
    for (const std::string& line : lines_) {
        if (line.starts_with(key)) return unescaped(std::string_view(line).substr(key.size()));
    }
    return std::nullopt;
}

bool Passfile::set(const PassLine& line) {
    const std::string key = key_of(line);
    const std::string wanted = key + escaped(line.password);
    for (std::string& existing : lines_) {
        if (!existing.starts_with(key)) continue;
        const bool changes = existing != wanted;
        existing = wanted;
        return changes;
    }
    lines_.insert(line.host == "*" ? lines_.end() : lines_.begin(), wanted);
    return true;
}

std::string Passfile::text() const {
    std::string result;
    for (const std::string& line : lines_) result += line + '\n';
    return result;
}

void Passfile::write() const {
    const std::filesystem::path folder = path_.parent_path();
    std::filesystem::path beside = path_;
    beside += ".new";
    std::filesystem::remove(beside);
    {
        Descriptor file(beside, O_WRONLY | O_CREAT | O_EXCL, 0600);
        give_to_owner_of(folder, file.get());
        file.write(text());
        file.sync();
    }
    std::filesystem::rename(beside, path_);
    Descriptor(folder, O_RDONLY | O_DIRECTORY).sync();
}

}  // namespace singularity::schema
