// What a generated repository is like, drawn from a seed: everything but its names.

#pragma once

#include "sandbox/growth.h"
#include "sandbox/mix.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

// A repository that exists when the world starts.
Curve DrawEstablishedCurve(Draws& draws, double birth_day);

// One that appears later: without stars, often a viral one.
Curve DrawNewcomerCurve(Draws& draws, double birth_day);

// Description, language, licence, topics and so on; not the id and not the time of creation.
RepositoryProfile DrawProfile(Draws& draws);

}  // namespace stargaze::sandbox
