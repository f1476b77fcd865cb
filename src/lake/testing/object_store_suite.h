// Conformance of an object store. Every adapter runs it:
//   INSTANTIATE_TEST_SUITE_P(Local, ObjectStoreSuite, testing::Values(MakeStore{&OpenLocal}));

#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "lake/object_store.h"

namespace stargaze::lake {

// Gives an empty store.
using MakeStore = std::function<std::unique_ptr<ObjectStore>()>;

class ObjectStoreSuite : public testing::TestWithParam<MakeStore> {
 protected:
  std::unique_ptr<ObjectStore> store_ = GetParam()();
};

}  // namespace stargaze::lake
