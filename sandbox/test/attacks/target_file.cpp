// A folder with a secret that only its owner may read, and a socket.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sandbox/test/attacks/targets.hpp"

namespace singularity::sandbox::attacks {

namespace {

namespace fs = std::filesystem;

class SecretFile : public Target {
public:
    explicit SecretFile(const std::string& secret) : secret_(secret) {
        std::string name = (fs::temp_directory_path() / "attack-target-XXXXXX").string();
        folder_ = mkdtemp(name.data());
        // Others may enter: the file's own mode is what keeps them out.
        chmod(folder_.c_str(), 0755);
        file_ = folder_ / "secret";
        std::ofstream(file_) << secret;
        chmod(file_.c_str(), 0600);
        stat(file_.c_str(), &before_);
    }
    ~SecretFile() override { fs::remove_all(folder_); }

    std::map<std::string, std::string> names() const override {
        return {{"file", file_}, {"folder", folder_}, {"relative", file_.string().substr(1)}};
    }

    std::vector<std::string> touched() override {
        std::vector<std::string> sentences;
        struct stat now{};
        std::string content;
        std::getline(std::ifstream(file_), content);
        if (stat(file_.c_str(), &now) != 0 || content != secret_)
            sentences.push_back("the secret file was changed");
        if (now.st_ino != before_.st_ino || now.st_mode != before_.st_mode || now.st_uid != before_.st_uid ||
            now.st_nlink != before_.st_nlink || now.st_ctim.tv_sec != before_.st_ctim.tv_sec ||
            now.st_ctim.tv_nsec != before_.st_ctim.tv_nsec)
            sentences.push_back("the secret file has another owner, mode or name");
        for (const auto& entry : fs::directory_iterator(folder_))
            if (entry.path() != file_) sentences.push_back("a file was planted: " + entry.path().string());
        return sentences;
    }

private:
    std::string secret_;
    fs::path folder_, file_;
    struct stat before_{};
};

}  // namespace

std::unique_ptr<Target> secret_file(const std::string& secret) {
    return std::make_unique<SecretFile>(secret);
}

}  // namespace singularity::sandbox::attacks
