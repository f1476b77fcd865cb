// From one page of a walk to the next, whichever way the declaration says: the Link header, a page
// number, a cursor in the body, or GraphQL's pageInfo.

#pragma once

#include <optional>
#include <set>
#include <string>

#include "collect/fetch.h"
#include "collect/template.h"

namespace stargaze::collect {

// What is sent for the first page of a query that asks for one subject or for none; `url` is the
// request's, already with its query parameters.
Result<PageAsk> FirstAsk(const model::Request& request,
                         std::string url,
                         const Variables& variables);

// Ends every walk: a page that was asked for before is an error, and so is one too many. Not safe
// for concurrent use.
class Pager {
 public:
  // `variables` are those of the GraphQL query's templates.
  Pager(const model::Request& request, const Variables& variables)
      : request_(request), variables_(variables) {}

  // Before each page is asked for, the first too. kUnsupported after paginate.max_pages, kCorrupt
  // when the walk comes back to where it was.
  Status Enter(const PageAsk& ask);
  // Who comes after a page that was answered with 200; nullopt: nobody.
  Result<std::optional<PageAsk>> Next(const PageAsk& asked, const Page& page) const;

  int number() const { return number_; }  // Of the page that was entered last, from 1.

 private:
  const model::Request& request_;
  const Variables& variables_;
  std::set<std::string> entered_{};
  int number_ = 0;
};

}  // namespace stargaze::collect
