# Finds SimGrid 3.32 to 4.x: SimGrid_INCLUDE_DIR, SimGrid_LIBRARY. Debian ships no package file of its own.
find_path(SimGrid_INCLUDE_DIR simgrid/s4u.hpp PATHS /opt/simgrid/include)
find_library(SimGrid_LIBRARY simgrid PATHS /opt/simgrid/lib)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SimGrid REQUIRED_VARS SimGrid_LIBRARY SimGrid_INCLUDE_DIR)
mark_as_advanced(SimGrid_INCLUDE_DIR SimGrid_LIBRARY)
