// A screen that is drawn again and again: on a terminal in place, elsewhere line after line.
#pragma once

#include <string>
#include <vector>

namespace singularity::cli {

class Screen {
public:
    // Not in place: line after line, on a terminal too.
    explicit Screen(bool in_place);
    ~Screen();  // the terminal is as it was before
    Screen(const Screen&) = delete;

    // What does not fit on the terminal is left out, from the end. Flushes standard output.
    void show(const std::vector<std::string>& lines) const;

private:
    bool in_place_;
};

}  // namespace singularity::cli
