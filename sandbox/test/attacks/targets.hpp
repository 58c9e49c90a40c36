// What an attack would like to reach: a secret file, listeners, a process, keys, shared memory. Two sets are
// made. The canaries stand on the host while boxes run, and touched() must stay empty; a bare attack gets a
// set of its own, which it may hurt.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::sandbox::attacks {

// One thing to reach. Construction makes it, destruction takes it away.
struct Target {
    virtual ~Target() = default;
    // What stands for it in an attack's line: {file} and so on.
    virtual std::map<std::string, std::string> names() const = 0;
    // Sentences about what somebody did to it since it was made.
    virtual std::vector<std::string> touched() = 0;
};

std::unique_ptr<Target> secret_file(const std::string& secret);
std::unique_ptr<Target> listeners(const std::string& secret);
std::unique_ptr<Target> living_process(const std::string& secret);
std::unique_ptr<Target> session_key(const std::string& secret);
std::unique_ptr<Target> shared_objects(const std::string& secret);
// The machine's name, clock, handler of crashes, mounts.
std::unique_ptr<Target> machine();

class Targets {
public:
    // With `made` false there are none, and no names: for who may be killed before it takes them away.
    explicit Targets(bool made = true);
    // {name}s replaced, split at spaces.
    std::vector<std::string> expand(std::string_view line) const;
    std::string operator[](const std::string& name) const { return names_.at(name); }
    std::vector<std::string> touched();

private:
    std::vector<std::unique_ptr<Target>> all_;
    std::map<std::string, std::string> names_;
};

}  // namespace singularity::sandbox::attacks
