// The hash of routes, flows and whatever is drawn on a fabric.
#pragma once
#include "units/hash.hpp"
