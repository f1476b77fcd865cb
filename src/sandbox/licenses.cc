#include "sandbox/licenses.h"

namespace stargaze::sandbox {

std::span<const License> Licenses() {
  static constexpr License kLicenses[] = {
      {"mit", "MIT License", "MIT", true, 38},
      {"apache-2.0", "Apache License 2.0", "Apache-2.0", true, 19},
      {"gpl-3.0", "GNU General Public License v3.0", "GPL-3.0", true, 8},
      {"other", "Other", "NOASSERTION", false, 6},
      {"bsd-3-clause", "BSD 3-Clause \"New\" or \"Revised\" License", "BSD-3-Clause", true, 5},
      {"agpl-3.0", "GNU Affero General Public License v3.0", "AGPL-3.0", true, 4},
      {"mpl-2.0", "Mozilla Public License 2.0", "MPL-2.0", true, 2},
      {"bsd-2-clause", "BSD 2-Clause \"Simplified\" License", "BSD-2-Clause", true, 2},
      {"gpl-2.0", "GNU General Public License v2.0", "GPL-2.0", true, 2},
      {"lgpl-3.0", "GNU Lesser General Public License v3.0", "LGPL-3.0", true, 1},
      {"cc0-1.0", "Creative Commons Zero v1.0 Universal", "CC0-1.0", true, 1},
      {"unlicense", "The Unlicense", "Unlicense", true, 1},
      {"isc", "ISC License", "ISC", true, 1},
  };
  return kLicenses;
}

}  // namespace stargaze::sandbox
