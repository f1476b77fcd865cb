#include "app/comma_list.h"

#include <sstream>

namespace stargaze::app {

std::vector<std::string> CommaList(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) {
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

}  // namespace stargaze::app
