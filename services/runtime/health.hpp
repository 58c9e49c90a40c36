// What a service lacks right now, told to its supervisor.
//
// A service is healthy while nothing is amiss. Each part reports for itself under its name; the
// supervisor is told only when the picture changes. Not thread-safe: one executor.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace singularity::services {

class Health {
public:
    void amiss(std::string_view part, std::string_view reason);
    void well(std::string_view part);

    // What is to be known of a service that is well: shown while nothing is amiss.
    void remark(std::string_view text);
    const std::string& remark() const { return remark_; }

    bool healthy() const { return reasons_.empty(); }
    const std::map<std::string, std::string, std::less<>>& reasons() const { return reasons_; }

private:
    void tell() const;

    std::map<std::string, std::string, std::less<>> reasons_;  // part → why
    std::string remark_;
};

}  // namespace singularity::services
