#include "app/command_notes.h"

namespace stargaze::app {
namespace {

const std::vector<CommandNotes>& LookAndRunNotes() {
  static const std::vector<CommandNotes> kNotes{
      {.path = "stargaze", .examples = {"stargaze demo", "stargaze trends --window 28d"}},
      {.path = "stargaze trends",
       .group = "Look",
       .examples = {"stargaze trends --window 28d --license MIT,Apache-2.0",
                    "stargaze trends --metric forks --by total --limit 50",
                    "stargaze trends --asof 2026-01-31 --json=repository,velocity",
                    "stargaze trends --license MIT --explain | stargaze sql -f -",
                    "stargaze trends --window 28d --web",
                    "stargaze --server https://stars.example.org trends"}},
      {.path = "stargaze repo", .group = "Look"},
      {.path = "stargaze repo list",
       .examples = {"stargaze repo list --rule manual", "stargaze repo list --at 2026-01-31"}},
      {.path = "stargaze repo add",
       .examples = {"stargaze repo add duckdb/duckdb", "stargaze repo add 138754790"}},
      {.path = "stargaze repo remove", .examples = {"stargaze repo remove duckdb/duckdb"}},
      {.path = "stargaze sql",
       .group = "Look",
       .examples = {"stargaze sql \"SELECT license_key, count(*) FROM repository GROUP BY ALL\"",
                    "stargaze sql -f question.sql --format csv",
                    "stargaze sql --tables"}},
      {.path = "stargaze report",
       .group = "Look",
       .examples = {"stargaze report -o trends.html",
                    "stargaze report -o trends.ko.html --lang ko --window 28d"}},
      {.path = "stargaze status",
       .group = "Look",
       .examples = {"stargaze status", "stargaze status --json=server,next_run_at"}},
      {.path = "stargaze open",
       .group = "Look",
       .examples = {"stargaze open", "stargaze open data"}},
      {.path = "stargaze catalog", .group = "Look"},
      {.path = "stargaze catalog show", .examples = {"stargaze catalog show github/repository"}},
      {.path = "stargaze catalog check",
       .examples = {"stargaze catalog check --catalog ./my-datasets"}},
      {.path = "stargaze demo",
       .group = "Run",
       .examples = {"stargaze demo", "stargaze demo --once --days 30 --repositories 300"}},
      {.path = "stargaze up",
       .group = "Run",
       .examples = {"stargaze up", "stargaze up --listen 127.0.0.1:9000"}},
      {.path = "stargaze dag", .group = "Run"},
      {.path = "stargaze dag run",
       .examples = {"stargaze dag run github_repo",
                    "stargaze dag run github_repo --logical-date 2026-01-31"}},
      {.path = "stargaze dag show", .examples = {"stargaze dag show github_repo"}},
      {.path = "stargaze serve", .group = "Run"},
      {.path = "stargaze run", .group = "Run"},
      {.path = "stargaze pool", .group = "Run"},
      {.path = "stargaze task", .group = "Run"},
      {.path = "stargaze budget", .group = "Run"},
      {.path = "stargaze sandbox",
       .group = "Run",
       .examples = {"stargaze sandbox --fault html=0.05"}},
  };
  return kNotes;
}

const std::vector<CommandNotes>& DataAndSetUpNotes() {
  static const std::vector<CommandNotes> kNotes{
      {.path = "stargaze lake", .group = "Data"},
      {.path = "stargaze lake ls", .examples = {"stargaze lake ls raw/github"}},
      {.path = "stargaze lake verify", .examples = {"stargaze lake verify --format csv"}},
      {.path = "stargaze warehouse", .group = "Data"},
      {.path = "stargaze warehouse rebuild", .examples = {"stargaze warehouse rebuild"}},
      {.path = "stargaze init",
       .group = "Set up",
       .examples = {"stargaze init", "stargaze init --file project"}},
      {.path = "stargaze auth", .group = "Set up"},
      {.path = "stargaze auth status",
       .examples = {"stargaze auth status",
                    "stargaze auth status --json=token,state,requests_left"}},
      {.path = "stargaze auth token add",
       .examples = {"stargaze auth token add", "stargaze auth token add < token.txt"}},
      {.path = "stargaze auth token remove", .examples = {"stargaze auth token remove 4x7Q"}},
      {.path = "stargaze config", .group = "Set up"},
      {.path = "stargaze config show",
       .examples = {"stargaze config show --origin", "stargaze config show --json"}},
      {.path = "stargaze config get", .examples = {"stargaze config get listen"}},
      {.path = "stargaze config set",
       .examples = {"stargaze config set listen 127.0.0.1:9000",
                    "stargaze config set duckdb.threads 4 --file project"}},
      {.path = "stargaze config validate",
       .examples = {"stargaze config validate", "stargaze config validate stargaze.yaml"}},
      {.path = "stargaze config schema",
       .examples = {"stargaze config schema > stargaze.schema.json"}},
      {.path = "stargaze doctor",
       .group = "Set up",
       .examples = {"stargaze doctor", "stargaze doctor --offline --json"}},
      {.path = "stargaze completion",
       .group = "Set up",
       .examples =
           {"stargaze completion bash > ~/.local/share/bash-completion/completions/stargaze",
            "stargaze completion zsh > ~/.zfunc/_stargaze",
            "stargaze completion fish > ~/.config/fish/completions/stargaze.fish"}},
      {.path = "stargaze man",
       .group = "Set up",
       .examples = {"stargaze man trends | man -l -",
                    "stargaze man --all ~/.local/share/man/man1"}},
      {.path = "stargaze help",
       .group = "Set up",
       .examples = {"stargaze help repo add", "stargaze help exit-codes"}},
      {.path = "stargaze version", .group = "Set up"},
  };
  return kNotes;
}

}  // namespace

const CommandNotes& NotesOf(const std::string& path) {
  static const CommandNotes kNone{};
  for (const std::vector<CommandNotes>* all : {&LookAndRunNotes(), &DataAndSetUpNotes()}) {
    for (const CommandNotes& notes : *all) {
      if (notes.path == path) return notes;
    }
  }
  return kNone;
}

const std::vector<std::string>& CommandGroups() {
  static const std::vector<std::string> kGroups{"Look", "Run", "Data", "Set up", "Further"};
  return kGroups;
}

}  // namespace stargaze::app
