# The libraries that Debian packages. What is missing is installed by tools/deps.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.88 REQUIRED COMPONENTS url json)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(CURL REQUIRED)
find_package(prometheus-cpp REQUIRED)

pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(tree_sitter REQUIRED IMPORTED_TARGET tree-sitter)

find_program(PG_CONFIG NAMES pg_config PATHS /usr/lib/postgresql/17/bin NO_DEFAULT_PATH REQUIRED)
