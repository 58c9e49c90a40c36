#include "cli/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

namespace singularity::cli {

namespace {

// ECMA-48, and xterm's second screen, which leaves what was on the first one.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l", kLeave = "\x1b[?25h\x1b[?1049l", kHome = "\x1b[H",
                           kEndOfLine = "\x1b[K\r\n", kEndOfScreen = "\x1b[J", kNoWrap = "\x1b[?7l",
                           kWrap = "\x1b[?7h";

std::size_t rows_of_terminal() {
    constexpr std::size_t kUsual = 24;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return kUsual;
    return size.ws_row;
}

}  // namespace

Screen::Screen(bool in_place) : in_place_(in_place && ::isatty(STDOUT_FILENO) != 0) {
    if (in_place_) std::cout << kEnter << kNoWrap << std::flush;
}

Screen::~Screen() {
    if (in_place_) std::cout << kWrap << kLeave << std::flush;
}

void Screen::show(const std::vector<std::string>& lines) const {
    if (!in_place_) {
        for (const std::string& line : lines) std::cout << line << '\n';
        std::cout << std::flush;
        return;
    }
    const std::size_t shown = std::min(lines.size(), rows_of_terminal() - 1);
    std::cout << kHome;
    for (std::size_t i = 0; i < shown; ++i) std::cout << lines[i] << kEndOfLine;
    std::cout << kEndOfScreen << std::flush;
}

}  // namespace singularity::cli
