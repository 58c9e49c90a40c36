// Elixir scripts. Erlang's virtual machine starts a thread for each core and more: here it has two cores. It
// would lay what it compiles into a file in memory that is longer than a job's files may be: here it doesn't.
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

namespace {

constexpr const char* kElixir = "/usr/bin/elixir";

constexpr const char* kParseElixir = R"(
for file <- System.argv() do
  case Code.string_to_quoted(File.read!(file), file: file) do
    {:ok, _} -> file
    {:error, _} ->
      try do
        Code.string_to_quoted!(File.read!(file), file: file)
      rescue
        error -> IO.puts(:stderr, Exception.message(error))
      end
      nil
  end
end
|> Enum.all?()
|> if(do: :ok, else: System.halt(1))
)";

// Compiles modules, and the script around them as the body of a function that nobody calls.
constexpr const char* kLintElixir = R"(
{_, found} = Code.with_diagnostics(fn ->
  for file <- System.argv() do
    try do
      all =
        case Code.string_to_quoted!(File.read!(file), file: file, columns: true) do
          {:__block__, _, all} -> all
          one -> [one]
        end
      {modules, rest} = Enum.split_with(all, &match?({:defmodule, _, _}, &1))
      directives = Enum.filter(rest, &match?({name, _, _} when name in [:alias, :import, :require], &1))
      for module <- modules, do: Code.compile_quoted({:__block__, [], directives ++ [module]}, file)
      name = Module.concat(["Script#{System.unique_integer([:positive])}"])
      body = quote(do: defmodule(unquote(name), do: def(run, do: (unquote_splicing(rest)))))
      Code.compile_quoted(body, file)
    rescue
      error ->
        IO.puts(:stderr, Exception.message(error))
        System.halt(1)
    end
  end
end)
for each <- found do
  line = case each.position do
    {line, column} -> "#{line}:#{column}"
    line -> line
  end
  IO.puts(:stderr, "#{each.file}:#{line}: #{each.severity}: #{each.message}")
end
if found != [], do: System.halt(1)
)";

}  // namespace

Language elixir() {
    const std::vector<std::string> environment{
        "ELIXIR_ERL_OPTIONS=+S 2 +SDcpu 2 +SDio 2 +A 1 +JMsingle true"};
    const std::vector<Need> needs{{kElixir, "elixir"}};
    const auto examine = [&](const char* script) {
        return Step{.arguments = {kElixir, "-e", script, std::string(kSources)},
                    .environment = environment,
                    .limits = compiling(512)};
    };
    return {.name = "elixir",
            .aliases = {"ex", "exs"},
            .version = {kElixir, "--short-version"},
            .file = "main.exs",
            .endings = {".exs", ".ex"},
            .needs = needs,
            .run = {.arguments = {kElixir, "main.exs", std::string(kArguments)}, .environment = environment},
            .validate = examine(kParseElixir),
            .lint = examine(kLintElixir)};
}

}  // namespace singularity::services::genesis
